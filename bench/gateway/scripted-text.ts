/**
 * Text that both ends know: the scripted upstream sends it, the load recomputes it and compares. It depends on the set,
 * the seed and the number of tokens alone, so whatever stands between must hand it on unchanged.
 */

const plain = [
  ...[" the", " model", " answers", " quickly", " and", " then", " stops", " after", " a", " token"],
  ...[" of", " text", " that", " nobody", " will", " read", ".", ",", " 42", " benchmark"],
];
const mixed = [
  ...plain,
  ...["\n", "\n\n", ' "quoted"', " back\\slash", "\t", " <b>", "</b>", " café", " naïve", " 日本", "語"],
  ...[
    " Привет",
    " 👍🏽",
    "🧪",
    " \u05e9\u05dc\u05d5\u05dd",
    " ```js\n",
    "```",
    " $x^2$",
    " {",
    "}",
    " &amp;",
  ],
  ...[":", " data:"],
];
/** What breaks a reader that is not exact about the lines of SSE or about JSON's escapes. */
const hard = [
  ...mixed,
  ...["\u2028", "\u2029", "\u0085", "\r\n", "\r", " data: [DONE]\n\n", "\u0001", "\u000b", "\ufeff"],
  ...["e\u0301", "  ", "\u00a0", " event: x\n", ": comment\n", "\u200d"],
];
const sets = { plain, mixed, hard } as const;

export const textSets = ["plain", "mixed", "hard"] as const satisfies readonly (keyof typeof sets)[];
export type TextSet = (typeof textSets)[number];

export function scriptedTokens(seed: number, count: number, set: TextSet): string[] {
  const words = sets[set];
  const tokens: string[] = [];
  // Marsaglia's xorshift32 over a multiplied seed, so that neighbouring seeds differ from the first word on.
  let state = Math.imul(seed, 2_654_435_761) || 1;
  while (tokens.length < count) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    tokens.push(words[(state >>> 0) % words.length] ?? "");
  }
  // A visible ending: a text that was cut short or trimmed on its way never compares equal.
  if (count > 0) tokens[count - 1] = " end";
  return tokens;
}

export const scriptedText = (seed: number, count: number, set: TextSet): string =>
  scriptedTokens(seed, count, set).join("");

/** What to send and how fast. The number of tokens is the request's `max_tokens`. */
export type Script = { seed: number; set: TextSet; delayMs: number };

/** The wish travels inside the prompt, because no server in between changes that. */
export const writeScript = ({ seed, set, delayMs }: Script): string =>
  `[[seed=${seed} set=${set} delay=${delayMs}]]`;

const scriptPattern = /\[\[seed=(\d+) set=(plain|mixed|hard) delay=(\d+(?:\.\d+)?)\]\]/;

/** Null where the prompt holds none. */
export function readScript(prompt: string): Script | null {
  const [, seed, set, delay] = scriptPattern.exec(prompt) ?? [];
  return set === undefined ? null : { seed: Number(seed), set: set as TextSet, delayMs: Number(delay) };
}
