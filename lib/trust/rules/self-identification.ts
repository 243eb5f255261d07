/**
 * How an answer says who it is, by language. `NAME` stands for a name. `frames` tell by themselves; `makers` (“trained by”)
 * tell where the same sentence speaks of the speaker, `self`, or calls it a model.
 */
type Language = { frames: readonly string[]; makers: readonly string[]; self: string };

// Words that may stand between “I am” and the name. No bare article: “I'm a Gemini” is a sign of the zodiac.
const gap = {
  en: "(?:(?:(?:an?|the)\\s+(?:[\\w-]+\\s+){0,4}(?:AI|assistant|model|chatbot|LLM|bot)(?:\\s+(?:assistant|model))?,?\\s+(?:called|named|known\\s+as|from|by|of)\\s+)|(?:actually|really|just|simply|called|in\\s+fact)\\s+){0,2}",
  de: "(?:(?:eine?n?|das|der|die)\\s+(?:[\\p{L}-]+\\s+){0,4}(?:KI|Sprachmodell|Assistent|Modell|Chatbot)\\p{L}*\\s+(?:namens|von|mit\\s+dem\\s+Namen)\\s+|(?:eigentlich|wirklich)\\s+){0,2}",
  fr: "(?:(?:une?|l[ea]|l['’])\\s*(?:[\\p{L}-]+\\s+){0,4}(?:IA|assistant|modèle|chatbot|langage)e?\\s+(?:appelée?|nommée?|de|d['’])\\s*|(?:en\\s+fait|vraiment)\\s+){0,2}",
  es: "(?:(?:una?|el|la)\\s+(?:[\\p{L}-]+\\s+){0,4}(?:IA|asistente|modelo|chatbot|lenguaje)\\s+(?:llamad[oa]|de)\\s+|(?:en\\s+realidad)\\s+){0,2}",
} as const;

export const languages: Record<string, Language> = {
  en: {
    frames: [
      `(?<![\\p{L}])(?:I\\s*['’]?\\s*a?m|my\\s+name\\s+is|(?:you\\s+can\\s+)?call\\s+me|I\\s+go\\s+by)\\s+${gap.en}NAME`,
      "(?<![\\p{L}])As\\s+NAME,\\s+I(?![\\p{L}])",
      "(?<![\\p{L}])my\\s+(?:creators?|developers?|makers?|model\\s+name)\\s+(?:is|are)\\s+NAME",
    ],
    makers: [
      "(?:trained|developed|created|built|made|designed|powered|operated|engineered|fine-?tuned|released|provided|hosted)(?:\\s+and\\s+\\w+)?\\s+by\\s+(?:the\\s+)?(?:\\w+\\s+(?:team|researchers|engineers|people)\\s+)?(?:(?:team|researchers|engineers|people|folks|company)\\s+(?:at|of|from)?\\s*)?NAME",
    ],
    self: "(?<![\\p{L}])(?:I|I['’]m|me|my|myself)(?![\\p{L}])|(?<![\\p{L}])as\\s+an?\\s+(?:[\\w-]+\\s+){0,3}(?:AI|model|assistant|chatbot)",
  },
  zh: {
    frames: [
      "(?:我是|我叫|我的名字(?:是|叫)|我名叫|我名为|本助手是|本人是|我就是|我是来自)[^。！？!?\\n不非没]{0,20}?NAME",
    ],
    makers: [
      "[由是]\\s*NAME[^。！？\\n]{0,14}?(?:开发|開發|训练|訓練|创建|創建|研发|研發|打造|推出|制造|设计|創造|创造)",
      "NAME\\s*(?:公司|团队|團隊)?\\s*(?:开发|開發|训练|訓練|研发|研發|打造|推出|创造)的",
    ],
    self: "我|本助手|本模型",
  },
  de: {
    frames: [`(?<![\\p{L}])(?:ich\\s+bin|ich\\s+hei(?:ß|ss)e|mein\\s+Name\\s+ist)\\s+${gap.de}NAME`],
    makers: [
      "(?:von|durch)\\s+(?:der\\s+Firma\\s+|dem\\s+Unternehmen\\s+)?NAME\\s+(?:[\\p{L}]+\\s+){0,2}?(?:trainiert|entwickelt|erstellt|geschaffen|erschaffen|gebaut|programmiert)",
      "(?:trainiert|entwickelt|erstellt|geschaffen|erschaffen|gebaut|programmiert)\\p{L}*\\s+(?:wurde\\s+|worden\\s+)?(?:von|durch)\\s+NAME",
    ],
    self: "(?<![\\p{L}])(?:ich|mich|mein\\p{L}*)(?![\\p{L}])",
  },
  fr: {
    frames: [`(?<![\\p{L}])(?:je\\s+suis|je\\s+m['’]appelle|mon\\s+nom\\s+est)\\s+${gap.fr}NAME`],
    makers: [
      "(?:entra[iî]n|développ|cré|con[cç]|form|fabriqu|mis\\s+au\\s+point)\\p{L}*\\s+par\\s+(?:la\\s+société\\s+|l['’]entreprise\\s+|l['’]équipe\\s+(?:de\\s+|d['’]))?NAME",
    ],
    self: "(?<![\\p{L}])(?:je|j['’]|moi|m['’]|mon|mes)(?![\\p{L}]{2})",
  },
  es: {
    frames: [
      `(?<![\\p{L}])(?<!(?:no|não|non)\\s)(?:(?:yo\\s+)?soy|me\\s+llamo|mi\\s+nombre\\s+es)\\s+${gap.es}NAME`,
      `(?<![\\p{L}])(?<!(?:no|não|non)\\s)(?:(?:eu\\s+)?sou|(?:eu\\s+)?me\\s+chamo|(?:o\\s+)?meu\\s+nome\\s+é)\\s+(?:o\\s+|a\\s+)?NAME`,
      `(?<![\\p{L}])(?<!(?:no|não|non)\\s)(?:(?:io\\s+)?sono|mi\\s+chiamo|il\\s+mio\\s+nome\\s+è)\\s+NAME`,
    ],
    makers: [
      "(?:entrenad|desarrollad|cread|diseñad|hech|programad|treinad|desenvolvid|criad|projetad)[oa]\\s+(?:por|pel[oa])\\s+(?:la\\s+empresa\\s+|el\\s+equipo\\s+de\\s+|a\\s+|o\\s+)?NAME",
      "(?:addestrat|sviluppat|creat|progettat)[oa]\\s+da(?:\\s+|l+['’a]?\\s*)NAME",
    ],
    self: "(?<![\\p{L}])(?:yo|soy|fui|he\\s+sido|me|mi|eu|sou|fui|sono|io)(?![\\p{L}])",
  },
  ja: {
    frames: [
      "(?:私|わたし|僕|ぼく|俺)(?:は|の名前は|の名は)[^。！？\\n]{0,20}?NAME(?!\\s*(?:では|じゃ|でも)(?:な|あり))",
    ],
    makers: [
      "NAME(?:社)?(?:によって|により|が|に|の(?:チーム|研究者)(?:が|によって))[^。\\n]{0,10}?(?:開発|訓練|学習|作成|作ら|作った|トレーニング|設計)",
    ],
    self: "私|わたし|僕|ぼく|AIアシスタントです|言語モデルです",
  },
  ko: {
    frames: [
      "(?:저는|나는|제\\s*이름은|내\\s*이름은|저의\\s*이름은)[^.!?\\n]{0,20}?NAME(?!\\s*(?:가|이|은|는)?\\s*아[닙니])",
    ],
    makers: [
      "NAME(?:사)?(?:에서|이|가|에\\s*의해|의|\\s)[^.!?\\n]{0,10}?(?:개발|훈련|학습|만든|만들|제작|설계)",
    ],
    self: "저는|나는|저를|제가|저의",
  },
  ru: {
    frames: [
      "(?<![\\p{L}])(?:я\\s*[—–-]?\\s*(?:это\\s+)?|меня\\s+зовут\\s+|мо[её]\\s+имя\\s*[—–-]?\\s*)(?:(?:языковая\\s+модель|модель|ассистент|помощник|чат-бот|нейросеть|ИИ)\\s*[,:—–-]?\\s*(?:по\\s+имени\\s+|от\\s+)?){0,2}NAME",
    ],
    makers: [
      "(?:обучен|разработан|создан|натренирован|сделан|построен)\\p{L}*\\s+(?:(?:компани|команд|специалист|инженер|исследовател)\\p{L}+\\s+(?:из\\s+)?)?NAME",
      "NAME\\s+(?:обучил|разработал|создал|натренировал)\\p{L}*\\s+меня",
    ],
    self: "(?<![\\p{L}])(?:я|меня|мной|мо[йяёи]\\p{L}*)(?![\\p{L}])",
  },
};

/** What makes a sentence one about a machine that speaks: needed where a name is not a known one. */
export const machineWords =
  "(?<![\\p{L}])(?:AI|A\\.I\\.|language\\s+model|LLM|chatbot|virtual\\s+assistant|neural\\s+network|artificial\\s+intelligence)(?![\\p{L}])";

/** Makers that nobody could be told by. */
export const nobody = new Set(
  "human humans people mankind nature god researchers engineers scientists developers experts machine the a an my our your"
    .split(" ")
    .concat(["team", "data", "reinforcement"]),
);
