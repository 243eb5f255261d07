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

/** Everything that the renderer knows, several times over. */
const richText = Array.from({ length: 6 }, (_, index) =>
  [
    `## Part ${index + 1}: why quicksort is fast`,
    "",
    "Let $C(n)$ be the **expected number** of comparisons. The pivot is equally likely to have any rank, so both parts are random, too, and the recursion `sort(lo, hi)` stays shallow. 每一层的工作量是 $O(n)$，递归深度大约是 $2 \\log_{4/3} n$。",
    "",
    "$$",
    "C(n) = (n-1) + \\frac{2}{n} \\sum_{k=0}^{n-1} C(k) \\approx 1.39\\, n \\log_2 n",
    "$$",
    "",
    "```python",
    "from random import choice",
    "",
    "",
    "def quicksort(xs: list[int]) -> list[int]:",
    '    """Not in place: easy to read, and slow for long lists."""',
    "    if len(xs) < 2:",
    "        return xs",
    "    pivot = choice(xs)  # random, so that no input is bad",
    "    lower = [x for x in xs if x < pivot]",
    "    equal = [x for x in xs if x == pivot]",
    "    upper = [x for x in xs if x > pivot]",
    "    return quicksort(lower) + equal + quicksort(upper)",
    "```",
    "",
    "| term | 中文 | meaning here | cost |",
    "| --- | --- | --- | ---: |",
    "| pivot | 基准元素 | the element that the list is split around | $O(1)$ |",
    "| partition | 分区 | smaller, equal and larger elements | $O(n)$ |",
    "| depth | 递归深度 | levels of the recursion | $O(\\log n)$ |",
    "",
    "1. Each level of the recursion does linear work.",
    "2. After a few levels, in expectation, every part has *half* the size.",
    "   - The [proof](https://example.org/quicksort) needs no more than this.",
    "   - The worst case stays $O(n^2)$.",
    "",
    "> A good pivot is cheap, and a bad one is rare.",
  ].join("\n"),
).join("\n\n");

const diagramText = [
  "The way of a vote:",
  "",
  "```mermaid",
  "flowchart LR",
  "  vote[Vote] --> counts[Counts]",
  "  counts --> board{Board}",
  "  board -- 更新 --> page[Page]",
  "```",
  "",
  "And one with a fault:",
  "",
  "```mermaid",
  "flowchart LR",
  "  a --> --> b[",
  "```",
].join("\n");

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
  /** A diagram, and one that cannot be drawn. */
  diagram: { ...quick, pieces: words(diagramText), delayMs: 5 },
  /** Code, formulas, tables and lists, about 100 tokens a second. */
  rich: { ...quick, pieces: tokens(richText), delayMs: 10 },
  /** 200 tokens, 20 a second, as an engine under load writes them. */
  usual: { ...quick, pieces: tokens(richText).slice(0, 200), firstDelayMs: 200, delayMs: 50 },
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

/** Pieces about as long as a model's tokens. */
function tokens(text: string): string[] {
  return text.match(/[\s\S]{1,4}/gu) ?? [];
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
