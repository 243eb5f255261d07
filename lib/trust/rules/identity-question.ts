import { families } from "./families";
import type { NamesInPlay } from "./names-in-play";
import { namesPattern } from "./names-pattern";

/** How a prompt asks who answers, by language; where it tells the answer who to be (“You are Claude.”) it asks nothing. */
const questions: Record<string, readonly string[]> = {
  en: [
    "(?<![\\p{L}])(?:are|aren['’]t|were)\\s+you(?![\\p{L}])",
    "(?<![\\p{L}])(?:who|what|which|whose)(?:['’]s)?(?:\\s+[\\p{L}\\p{N}-]+){0,5}\\s+(?:are\\s+you|you\\s+are|(?:made|created|trained|built|developed|designed)\\s+you)(?![\\p{L}])",
    "(?<![\\p{L}])(?:what|which|who|tell|say|reveal|state|name|give)(?:['’]s)?(?:\\s+[\\p{L}\\p{N}-]+){0,5}\\s+your\\s+(?:[\\p{L}-]+\\s+){0,2}(?:name|identity|model|maker|creator|developer|vendor|version|company|provider)",
    "(?<![\\p{L}])identify\\s+yourself(?![\\p{L}])",
  ],
  zh: [
    "[你您](?:是|叫|就是|是不是|真的是)[^。！？!?\\n]{0,30}?(?:吗|嗎|么|麼|还是|還是|[?？])",
    "[你您]到?底?(?:是|叫)(?:谁|誰|什么|什麼|哪|啥|不是)",
    "(?:谁|誰|哪家|哪个公司|哪個公司)[^。！？!?\\n]{0,8}?(?:开发|開發|训练|訓練|创造|創造|创建|創建|制造|製造|研发|研發)(?:了|的)?[你您]",
    "[你您]的(?:真实|真實)?(?:名字|身份|模型|开发者|開發者|公司|创造者|創造者)(?:是|叫)",
  ],
  de: [
    "(?<![\\p{L}])(?:bist\\s+du|sind\\s+Sie|wer\\s+hat\\s+(?:dich|Sie)|dein(?:e|en)?\\s+(?:Name|Entwickler|Hersteller)\\s*\\?)",
    "(?<![\\p{L}])wie\\s+(?:hei(?:ß|ss)t\\s+du|hei(?:ß|ss)en\\s+Sie|ist\\s+(?:dein|Ihr)\\s+Name)",
  ],
  fr: [
    "(?<![\\p{L}])(?:es[-\\s]tu|êtes[-\\s]vous|est-ce\\s+que\\s+(?:tu\\s+es|vous\\s+êtes)|qui\\s+(?:t['’]|vous\\s+)a|ton\\s+nom\\s*\\?|t['’]appelles|vous\\s+appelez)",
  ],
  es: [
    "(?<![\\p{L}])(?:¿\\s*(?:tú\\s+)?eres|¿\\s*es\\s+usted|(?:quién|qué\\s+modelo|cuál)\\s+(?:eres|te)|cómo\\s+te\\s+llamas)",
    "(?<![\\p{L}])(?:você\\s+é[^.!\\n]{0,40}\\?|quem\\s+(?:é\\s+você|te)|qual\\s+(?:é\\s+)?(?:o\\s+)?seu\\s+nome)",
    "(?<![\\p{L}])(?:sei\\s+[^.!\\n]{0,40}\\?|chi\\s+(?:sei|ti\\s+ha)|come\\s+ti\\s+chiami)",
  ],
  ja: [
    "(?:あなた|君|きみ|お前)は[^。！!\\n]{0,30}?(?:ですか|なの|か[?？。]|[?？]|誰|何)",
    "(?:お名前|名前)(?:は|を教えて)",
  ],
  ko: [
    "(?:당신은|너는|넌|당신이|네가)[^.!\\n]{0,30}?(?:입니까|인가요|이에요|예요|이야|야|니|냐|누구|\\?)",
    "이름(?:이|은)\\s*(?:뭐|무엇)",
  ],
  ru: [
    "(?<![\\p{L}])(?:(?:ты|вы)(?![\\p{L}])[^.!\\n]{0,40}\\?|кто\\s+(?:ты|вы|тебя|вас)|как\\s+(?:тебя|вас)\\s+зовут)",
  ],
};

const asking = new RegExp(Object.values(questions).flat().join("|"), "iu");

/** Whether the visitor has asked who it is that answers. */
export function asksWhoItIs(said: string): boolean {
  return asking.test(said);
}

/** All words of a family or model, and how a visitor's text is searched for them. */
type Group = { words: readonly string[]; isAnyCase: boolean };

const familyGroups = families.flatMap(({ own, plain }, family): (Group & { family: number })[] => [
  { words: own, isAnyCase: true, family },
  // Ordinary words are names with their capital alone.
  { words: plain, isAnyCase: false, family },
]);

/** Whether the visitor has named two models or makers that have nothing to do with each other. */
export function namesAChoice(said: string, { groups }: NamesInPlay): boolean {
  const named = groups.map((words) => wordsSaid(said, [{ words, isAnyCase: true }]));
  for (const family of families.keys())
    named.push(
      wordsSaid(
        said,
        familyGroups.filter((group) => group.family === family),
      ),
    );
  const found = named.filter(({ size }) => size > 0);
  return found.some((one, index) =>
    found.slice(index + 1).some((other) => [...one].every((word) => !other.has(word))),
  );
}

function wordsSaid(said: string, groups: readonly Group[]): Set<string> {
  const found = new Set<string>();
  for (const { words, isAnyCase } of groups) {
    for (const [name] of said.matchAll(new RegExp(namesPattern(words).source, "giu"))) {
      if (isAnyCase || !/^\p{Ll}+$/u.test(name)) found.add(name.toLowerCase());
    }
  }
  return found;
}
