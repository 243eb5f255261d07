import { knownNames } from "./families";
import type { NamesInPlay } from "./names-in-play";
import { languages, machineWords, nobody } from "./self-identification";

export type ShownTurn = { prompt: string; a: string; b: string };

/** Where an answer tells what wrote it. */
export type IdentityLeak = {
  /** Turn of the shown ones, from 0. */
  turn: number;
  side: "a" | "b";
  /** `self_identification`: it says who it is; `mention`: it holds a name in play that the visitor had not used. */
  kind: "self_identification" | "mention";
  /** The words, at most 120 characters. */
  match: string;
  /** Where they begin, in the answer without code and without invisible characters, in UTF-16 code units. */
  at: number;
};

const maxMatch = 120;

/** Of each answer; what comes later is not looked at, so that no answer can hold up the others. */
const maxAnswer = 40_000;

/**
 * The first answer of a battle that gives its model or maker away. Names match on word borders (of their own script), and
 * with any of blank, hyphen or nothing between their parts. A name that the visitor has used before may be repeated; an
 * answer that says “I am” or “trained by” gives itself away whoever asked, also where it claims to be another. Code does not
 * speak of its writer. A denial (“I am not …”) identifies nobody.
 */
export function findIdentityLeak(turns: readonly ShownTurn[], names: NamesInPlay): IdentityLeak | null {
  const detector = detectorOf(names);
  let said = "";
  for (const [turn, { prompt, a, b }] of turns.entries()) {
    said += `\n${plainText(prompt)}`;
    for (const [side, answer] of [
      ["a", a],
      ["b", b],
    ] as const) {
      const found = detector(plainText(withoutCode(answer.slice(0, maxAnswer))), said);
      if (found !== null) return { turn, side, ...found };
    }
  }
  return null;
}

type Found = Pick<IdentityLeak, "kind" | "match" | "at">;
type Detector = (answer: string, said: string) => Found | null;

const detectors = new Map<string, Detector>();
const keptDetectors = 500;

/** Making the expressions takes longer than using them. */
function detectorOf(names: NamesInPlay): Detector {
  const key = JSON.stringify(names);
  const known = detectors.get(key);
  if (known !== undefined) return known;
  if (detectors.size >= keptDetectors) detectors.clear();
  const made = makeDetector(names);
  detectors.set(key, made);
  return made;
}

/** Stands for a name while a sentence is looked at: a character of the private use area, which `plainText` removes. */
const placeholder = "\u{F0000}";

const everywhere = replacing(namesPattern(knownNames));
const frames = Object.values(languages).flatMap(({ frames: patterns }) => patterns.map(withPlaceholder));
const makers = Object.values(languages).map(({ makers: patterns, self }) => ({
  self: new RegExp(`${self}|${machineWords}`, "iu"),
  patterns: patterns.map(withPlaceholder),
}));

function withPlaceholder(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll("NAME", placeholder), "iu");
}

function makeDetector({ own, plain }: NamesInPlay): Detector {
  const inPlay = replacing(namesPattern([...own, ...plain]));
  const mentions = own.map((name) => namesPattern([name], "closed"));
  return (answer, said) => {
    for (const { text, at } of sentencesOf(answer)) {
      const found = findKnown(text, [inPlay, everywhere]) ?? findUnknown(text);
      if (found !== null) return { kind: "self_identification", ...cut(found, at) };
    }
    for (const mention of mentions) {
      const match = mention.exec(answer);
      if (match !== null && !mention.test(said))
        return { kind: "mention", ...cut({ match: match[0], index: match.index }, 0) };
    }
    return null;
  };
}

/** Also finds the names that were replaced before, so that their order is known. */
function replacing(names: RegExp): RegExp {
  return new RegExp(`${placeholder}|${names.source}`, "giu");
}

type Match = { match: string; index: number };

function cut({ match, index }: Match, offset: number): Pick<IdentityLeak, "match" | "at"> {
  return { match: match.trim().slice(0, maxMatch), at: offset + index };
}

/** Every name becomes the placeholder, so that the frames of all languages are the same for all battles. */
function findKnown(sentence: string, names: readonly RegExp[]): Match | null {
  let text = sentence;
  const replaced: string[] = [];
  for (const pattern of names) {
    const before = replaced.splice(0);
    text = text.replace(pattern, (name) => {
      if (name === placeholder) replaced.push(before.shift() ?? "");
      // A name that is an ordinary word too (Meta, Command) is one only with its capital.
      else if (/^\p{Ll}+$/u.test(name)) return name;
      else replaced.push(name);
      return placeholder;
    });
  }
  if (replaced.length === 0) return null;
  const match = firstMatch(text);
  if (match === null) return null;
  let next = 0;
  const restore = (part: string) => part.replaceAll(placeholder, () => replaced[next++] ?? "");
  const index = restore(text.slice(0, match.index)).length;
  return { match: restore(match[0]), index };
}

function firstMatch(text: string): RegExpExecArray | null {
  for (const frame of frames) {
    const match = frame.exec(text);
    if (match !== null) return match;
  }
  for (const { self, patterns } of makers) {
    if (!self.test(text)) continue;
    for (const pattern of patterns) {
      const match = pattern.exec(text);
      if (match !== null) return match;
    }
  }
  return null;
}

const unknownName = "([A-Z][\\w.&-]*(?:\\s+[A-Z0-9][\\w.&-]*){0,3})";
const unknownSelf = new RegExp(
  `(?<![\\p{L}])(?:I\\s+am|I['’]m|My\\s+name\\s+is)\\s+${unknownName},?\\s+(?:an?|the)\\s+(?:[\\w-]+\\s+){0,4}(?:AI|language\\s+model|LLM|chatbot|assistant)`,
  "u",
);
const unknownMaker = new RegExp(
  `(?:trained|developed|created|built|made)\\s+by\\s+(?:the\\s+)?(?:team\\s+at\\s+)?${unknownName}`,
  "u",
);
const speaksOfItself = /(?<!\p{L})(?:I|I['’]m|me)(?!\p{L})/u;
const machine = new RegExp(machineWords, "iu");

/** A name that no list has: only in a sentence in which a machine speaks of itself. */
function findUnknown(sentence: string): Match | null {
  const self = unknownSelf.exec(sentence);
  if (self !== null) return { match: self[0], index: self.index };
  if (!machine.test(sentence) || !speaksOfItself.test(sentence)) return null;
  const maker = unknownMaker.exec(sentence);
  const first = maker?.[1]?.split(/\s/)[0]?.toLowerCase() ?? "";
  return maker === null || nobody.has(first) ? null : { match: maker[0], index: maker.index };
}

/**
 * Any of these names, with borders of its own script: in Japanese and Chinese a Latin name touches the words around it. With
 * an open end a version may follow (DeepSeek-V3); with a closed one `demo-1m` is not in `demo-1m-chat`.
 */
function namesPattern(names: readonly string[], end: "open" | "closed" = "open"): RegExp {
  const byScript: Record<string, string[]> = {};
  for (const name of [...new Set(names)].sort((x, y) => y.length - x.length)) {
    const script = /\p{Script=Cyrillic}/u.test(name)
      ? "Cyrillic"
      : /\p{Script=Latin}|\d/u.test(name)
        ? "Latin"
        : "other";
    byScript[script] = [...(byScript[script] ?? []), bodyOf(name)];
  }
  const parts = Object.entries(byScript).map(([script, bodies]) => {
    const any = `(?:${bodies.join("|")})`;
    if (script === "other") return any;
    const letter = `\\p{Script=${script}}`;
    // Russian declines names: Яндексом.
    const ending = script === "Cyrillic" ? `${letter}{0,3}` : "";
    const border = `(?<![${letter}\\p{N}])${any}${ending}(?![${letter}\\p{N}])`;
    return end === "open" ? border : `${border}(?![-_][${letter}\\p{N}])`;
  });
  // Without any name nothing matches.
  return new RegExp(parts.length === 0 ? "(?!)" : parts.join("|"), "iu");
}

function bodyOf(name: string): string {
  return name
    .normalize("NFKC")
    .split(/[\s_-]+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s_-]?");
}

/** Compatibility forms are one, and what cannot be seen is not there. */
function plainText(text: string): string {
  return text.normalize("NFKC").replace(/[\p{Cf}\p{Co}]/gu, "");
}

function withoutCode(text: string): string {
  return text.replace(/(^|\n)(`{3,}|~{3,})[\s\S]*?(?:\n\2|$)/g, "\n").replace(/`[^`\n]*`/g, " ");
}

function* sentencesOf(text: string): Generator<{ text: string; at: number }> {
  // A dot within a name (GPT-3.5) or a number ends nothing.
  for (const match of text.matchAll(/(?:[^.!?。！？\n]|[.!?](?=\S)){1,1000}[.!?。！？]?/gu))
    yield { text: match[0], at: match.index };
}
