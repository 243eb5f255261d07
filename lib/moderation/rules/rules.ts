import type { ModerationCategory } from "@/lib/protocol";

/**
 * Rules that need no network, for what a site must not miss whatever else it uses. They are few on purpose: a list of words
 * refuses nurses, lawyers and novelists, so each rule looks for an intent (somebody says that they will, somebody asks for)
 * and knows the contexts in which the same words are harmless. They find plain statements, not disguises; a moderation
 * endpoint or a classifier finds more.
 */
export type Rule = {
  category: ModerationCategory;
  score: number;
  /** Any of these, in a text as `normalize` gives it. */
  patterns: readonly RegExp[];
  /** Not where one of these stands too. */
  unless: readonly RegExp[];
};

/** A new number with every change of a rule: it is stored with the results. */
export const rulesVersion = "1";

const minor =
  "(?:child(?:ren)?|kids?|toddlers?|infants?|pre-?teens?|underage|minors|school(?:girl|boy)s?|lolis?|lolicon|shotas?|(?:[1-9]|1[0-7])[- ]years?[- ]old)";
const sexual =
  "(?:sex|sexual(?:ly)?|porn(?:ographic|ography)?|nudes?|naked(?! (?:mole|eye))|erotica?|nsfw|hentai|explicit sex|masturbat\\w+)";
const asksFor = "(?:write|describe|generate|show|give|send|make|tell|draw|roleplay|create|imagine|continue)";
const zhMinor = "(?:未成年|幼女|幼童|小学生|初中生|儿童|萝莉|正太|小女孩|小男孩|(?:[1-9]|1[0-7])岁)";
const zhSexual = "(?:色情|裸照|裸体|性爱|做爱|情色|黄文|小黄文|性交|性描写|成人小说)";
const zhAsksFor = "(?:写|描写|描述|生成|画|给我|发|讲|扮演|来一)";

const intent = "(?:want|going|gonna|plan(?:ning)?|about|decided|ready|intend|will)";
const ownDeath =
  "(?:kill(?:ing)? my ?self|end(?:ing)? my (?:own )?life|tak(?:e|ing) my (?:own )?life|commit(?:ting)? suicide|hang(?:ing)? myself|die by suicide)\\b";
const will = "(?:i|we)(?:'ll| will|'m going to| am going to| are going to|'m gonna| am gonna|'re going to)";
const victim =
  "(?:you|him|her|them|everyone|everybody|my (?:\\w+ )?(?:wife|husband|boss|teacher|ex|neighbou?rs?|family|classmates?|coworkers?|girlfriend|boyfriend|parents)|(?:the|my|this) (?:school|church|mosque|synagogue|temple|office|hospital))";

export const rules: readonly Rule[] = [
  {
    category: "self_harm",
    score: 0.95,
    patterns: [
      new RegExp(`\\bi(?:'m| am|'ve|'ll)?\\b[^.?!]{0,24}\\b${intent}\\b[^.?!]{0,12}\\b${ownDeath}`),
      new RegExp(`\\bhow (?:do|can|should|could) i ${ownDeath}`),
      /\bi (?:don't|do not) want to (?:live|be alive) any ?more\b/,
      /我[^。？！]{0,8}(?:想|要|打算|准备|决定)[^。？！]{0,4}(?:自杀|轻生|寻死|结束(?:我|自己)?的?生命|了结(?:我|自己))/,
      /(?:我|真的|实在)[^。？！]{0,4}不想活了/,
      /(?:我|自己)(?:该)?(?:怎么|如何)(?:自杀|结束自己的生命)/,
    ],
    unless: [
      /\b(?:minecraft|roblox|in (?:the|this|a|my) game|respawn|speedrun|fortnite|skyrim)\b/,
      /kill myself (?:laughing|with laughter)/,
      /(?:游戏|笑死)/,
    ],
  },
  {
    category: "sexual_minors",
    score: 0.97,
    patterns: [
      new RegExp(`\\b${asksFor}\\b.{0,80}\\b${minor}\\b.{0,60}\\b${sexual}\\b`),
      new RegExp(`\\b${asksFor}\\b.{0,80}\\b${sexual}\\b.{0,60}\\b${minor}\\b`),
      /\b(?:child|kiddie|underage|pre-?teen|loli|shota) (?:porn|nudes?|erotica|hentai)\b/,
      new RegExp(`${zhAsksFor}.{0,30}${zhMinor}.{0,20}${zhSexual}`),
      new RegExp(`${zhAsksFor}.{0,30}${zhSexual}.{0,20}${zhMinor}`),
    ],
    unless: [
      /\b(?:education|abuse|prevent\w*|protect\w*|report(?:ing|ed)?|illegal|laws?|legal|statistics|safeguard\w*|safety|survivors?|puberty|policy|parents?|trafficking|biology|offenders?|assault)\b/,
      /(?:教育|防范|预防|防止|保护|举报|法律|犯罪|违法|政策|青春期|家长|生理)/,
    ],
  },
  {
    category: "threat",
    score: 0.9,
    patterns: [
      new RegExp(`\\b${will} (?:kill|murder|shoot(?: up)?|stab|bomb|behead|strangle|blow up) ${victim}\\b`),
      /我(?:要|会|一定要|明天就?|今晚就?)[^。？！]{0,4}(?:杀了|杀死|砍死|捅死|炸了|炸掉|弄死)(?:你|他|她|他们|她们|全家|学校|老板|老师|同学|所有人|前女友|前男友)/,
    ],
    unless: [
      /\b(?:shoot|bomb) (?:you|him|her|them) (?:an?|some|the) (?:e-?mail|message|text|link|note|dm|question)\b/,
      /\b(?:chess|game|match|tournament|fortnite|minecraft|lyrics?|song|novel|story|character|screenplay|scene|photo(?:s|graph)?|camera|video|film|movie|portrait)\b/,
      /(?:游戏|小说|剧本|角色|台词|歌词|电影|故事)/,
    ],
  },
  {
    category: "doxxing",
    score: 0.85,
    patterns: [
      /\b(?:find|get|leak|dig up|look up|track down|dox)\b[^.?!]{0,30}\b(?:home address|where (?:he|she|they) lives?|private (?:phone )?number|social security number)\b[^.?!]{0,12}\b(?:of|for) (?:this|that|my|a|the)\b[^.?!]{0,24}\b(?:person|man|woman|girl|guy|ex|neighbou?r|teacher|streamer|journalist|user|redditor|coworker)\b/,
      /\bdox(?:x|xing|ing)? (?:this|that|my|him|her|them|a)\b/,
      /(?:人肉|开盒)(?:一下|搜索)?(?:他|她|这个|那个|某|我的?|这位)/,
      /(?:帮我|怎么|如何)[^。？！]{0,6}(?:查|找|搞|弄)(?:到|出)?[^。？！]{0,12}(?:她|他|这个人|那个人|前女友|前男友|同事|邻居|主播)的?(?:身份证号|家庭住址|住址|手机号|行踪)/,
    ],
    unless: [
      /\b(?:prevent\w*|protect\w*|avoid|against|stop|victim|what is|define|meaning|explain|law|illegal)\b/,
      /(?:防止|防范|避免|保护|什么是|什么意思|违法|法律|受害)/,
    ],
  },
];
