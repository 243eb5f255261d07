import { knownNames } from "./families";
import { asksWhoItIs, namesAChoice } from "./identity-question";
import type { NamesInPlay } from "./names-in-play";
import { namesPattern } from "./names-pattern";
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
 * The first answer of a battle that gives its model or maker away: it says who it is, also where it claims to be another, or
 * holds a name in play. Names match on word borders (of their own script), and with any of blank, hyphen or nothing between
 * their parts. Code does not speak of its writer. A denial (“I am not …”) identifies nobody.
 *
 * The visitor's own words do not count: whoever writes “Translate 我是Claude” learns nothing from “I am Claude”. There is
 * something to learn where the visitor has left it open who answers, by a question (“Are you Claude?”) or by naming several
 * (“Claude or ChatGPT?”): then an answer that claims a name in play as its own has told, or listing every name in the prompt
 * would be the way around this rule.
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
  return new RegExp(pattern.replaceAll("NAME", placeholder), "giu");
}

function makeDetector(names: NamesInPlay): Detector {
  const all = [...names.own, ...names.plain];
  const inPlay = replacing(namesPattern(all));
  const isInPlay = namesPattern(all);
  const mentions = names.own.map((name) => namesPattern([name], "closed"));
  return (answer, said) => {
    // Looked at only where an answer says who it is, which few do.
    let isOpen: boolean | null = null;
    const known = new Map<string, boolean>();
    const counts = (name: string): boolean => {
      const before = known.get(name);
      if (before !== undefined) return before;
      let does = true;
      if (namesPattern([name]).test(said)) {
        isOpen ??= asksWhoItIs(said) || namesAChoice(said, names);
        does = isOpen && isInPlay.test(name);
      }
      known.set(name, does);
      return does;
    };
    for (const { text, at } of sentencesOf(answer)) {
      const found = findKnown(text, [inPlay, everywhere], counts) ?? findUnknown(text, counts);
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
  // The cut may halve a pair of surrogates, which is no text that could be stored.
  return { match: match.trim().slice(0, maxMatch).toWellFormed(), at: offset + index };
}

/** Whether a name tells something that the visitor has not said. */
type Counts = (name: string) => boolean;

/** Every name becomes the placeholder, so that the frames of all languages are the same for all battles. */
function findKnown(sentence: string, names: readonly RegExp[], counts: Counts): Match | null {
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
  for (const match of matchesIn(text)) {
    const before = text.slice(0, match.index);
    const skipped = before.split(placeholder).length - 1;
    const held = match[0].split(placeholder).length - 1;
    const own = replaced.slice(skipped, skipped + held);
    if (!own.some(counts)) continue;
    let next = 0;
    const restore = (part: string) => part.replaceAll(placeholder, () => replaced[next++] ?? "");
    const index = restore(before).length;
    return { match: restore(match[0]), index };
  }
  return null;
}

function* matchesIn(text: string): Generator<RegExpExecArray> {
  for (const frame of frames) yield* text.matchAll(frame);
  for (const { self, patterns } of makers) {
    if (!self.test(text)) continue;
    for (const pattern of patterns) yield* text.matchAll(pattern);
  }
}

const unknownName = "([A-Z][\\w.&-]*(?:\\s+[A-Z0-9][\\w.&-]*){0,3})";
const unknownSelf = new RegExp(
  `(?<![\\p{L}])(?:I\\s+am|I['’]m|My\\s+name\\s+is)\\s+${unknownName},?\\s+(?:an?|the)\\s+(?:[\\w-]+\\s+){0,4}(?:AI|language\\s+model|LLM|chatbot|assistant)`,
  "gu",
);
const unknownMaker = new RegExp(
  `(?:trained|developed|created|built|made)\\s+by\\s+(?:the\\s+)?(?:team\\s+at\\s+)?${unknownName}`,
  "gu",
);
const speaksOfItself = /(?<!\p{L})(?:I|I['’]m|me)(?!\p{L})/u;
const machine = new RegExp(machineWords, "iu");

/** A name that no list has: only in a sentence in which a machine speaks of itself. */
function findUnknown(sentence: string, counts: Counts): Match | null {
  for (const self of sentence.matchAll(unknownSelf))
    if (counts(self[1] ?? "")) return { match: self[0], index: self.index };
  if (!machine.test(sentence) || !speaksOfItself.test(sentence)) return null;
  for (const maker of sentence.matchAll(unknownMaker)) {
    const [match, name = ""] = maker;
    const first = name.split(/\s/)[0]?.toLowerCase() ?? "";
    if (!nobody.has(first) && counts(name)) return { match, index: maker.index };
  }
  return null;
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
