import type { ErrorCode } from "@/lib/errors";
import type { FinishReason } from "@/lib/protocol";

/**
 * What the mock engine says, as data. Unit and browser tests import this table, so that what they expect and what the
 * worker sends cannot drift apart.
 */
export type Scenario = {
  /** The answer, one piece for each stream chunk; joined they are the whole text. */
  pieces: readonly string[];
  /** Wait before the first piece. */
  firstDelayMs: number;
  /** Wait before each further piece. */
  delayMs: number;
  finishReason: FinishReason;
  /** What goes wrong; absent: nothing. */
  fault?: ScenarioFault;
};

export type ScenarioFault =
  /** Refused before the first byte with this error. */
  | { kind: "refuse"; code: ErrorCode }
  /** The connection is cut after so many pieces. */
  | { kind: "sever"; afterPieces: number }
  /** An error frame comes after so many pieces. */
  | { kind: "break"; afterPieces: number; code: ErrorCode }
  /** Nothing more is sent after so many pieces, and the connection stays open. */
  | { kind: "stall"; afterPieces: number };

const plainText =
  "This is a scripted answer. It is always the same, so that a test can compare it word by word with what arrives.";

const wideText =
  "你好,世界!今天天气很好。日本語も話せます。한국어도 됩니다. 👩‍👩‍👧‍👦 🎉 👍🏽 🇨🇳 — naïve café, Ελληνικά, עברית.";

const markdownText = [
  "## A short report",
  "",
  "Some **bold**, some *italic*, some `inline code`, and a [link](https://example.org/).",
  "",
  "- first item",
  "- second item",
  "  1. nested and numbered",
  "  2. with a second line",
  "",
  "| model | votes | score |",
  "| --- | ---: | ---: |",
  "| alpha | 120 | 1043 |",
  "| beta | 98 | 987 |",
  "",
  "```python",
  "def greet(name: str) -> str:",
  '    return f"Hello, {name}!"',
  "```",
  "",
  "The area is $A = \\pi r^2$.",
  "",
  "> A quotation ends it.",
].join("\n");

const longText = Array.from(
  { length: 120 },
  (_, index) => `Paragraph ${index + 1} of a long answer says a little more than the one before it.`,
).join("\n\n");

const quick = { firstDelayMs: 0, delayMs: 0, finishReason: "stop" } as const;

export const scenarios = {
  plain: { ...quick, pieces: words(plainText), delayMs: 5 },
  slow: { ...quick, pieces: words(plainText), firstDelayMs: 500, delayMs: 150 },
  /** The connection dies in the middle, as when a worker is killed. */
  dies: { ...quick, pieces: words(plainText), delayMs: 5, fault: { kind: "sever", afterPieces: 6 } },
  /** 503 before the first byte. */
  errors: { ...quick, pieces: [], fault: { kind: "refuse", code: "no_worker_available" } },
  /** An error frame in the middle of a stream. */
  breaks: {
    ...quick,
    pieces: words(plainText),
    fault: { kind: "break", afterPieces: 6, code: "upstream_failed" },
  },
  empty: { ...quick, pieces: [] },
  cjk: { ...quick, pieces: characters(wideText), delayMs: 5 },
  long: { ...quick, pieces: words(longText), delayMs: 1 },
  /** Ends at its length limit. */
  truncated: { ...quick, pieces: words(plainText), delayMs: 5, finishReason: "length" },
  markdown: { ...quick, pieces: words(markdownText), delayMs: 5 },
  /** Sends a little and then nothing more. */
  stall: { ...quick, pieces: words(plainText), fault: { kind: "stall", afterPieces: 4 } },
  /** As fast as it goes. */
  instant: { ...quick, pieces: words(plainText) },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}

/** The whole text of a scenario, as a reader has it when nothing goes wrong. */
export function scenarioText(name: ScenarioName): string {
  return scenarios[name].pieces.join("");
}

/** The scenario that a prompt asks for with `[[mock:name]]`; null without one, or with an unknown name. */
export function requestedScenario(prompt: string): ScenarioName | null {
  const name = /\[\[mock:([a-z]+)\]\]/.exec(prompt)?.[1];
  return name !== undefined && isScenarioName(name) ? name : null;
}

/** Pieces of a word and the space after it. */
function words(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** Pieces of one user-perceived character. */
function characters(text: string): string[] {
  return Array.from(
    new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text),
    (part) => part.segment,
  );
}
