/** Token counts of one answer, as far as they are known. */
export type TokenCounts = { promptTokens?: number; cachedTokens?: number; completionTokens?: number };

const usageKey = Buffer.from('"usage"');

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const colon = 0x3a;

/**
 * Where the last `"usage": {…}` of a JSON text begins and ends; null where there is none, or where it is null. The key
 * cannot be inside a string, because quotes in strings are escaped. Costs a search from the end, not a parse of the text.
 */
export function findUsage(json: Buffer): { start: number; end: number } | null {
  const at = json.lastIndexOf(usageKey);
  if (at === -1) return null;
  let start = at + usageKey.length;
  while (isSpace(json[start]) || json[start] === colon) start += 1;
  if (json[start] !== openBrace) return null;
  let depth = 0;
  let isInString = false;
  for (let index = start; index < json.length; index += 1) {
    const byte = json[index];
    if (isInString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) isInString = true;
    else if (byte === openBrace) depth += 1;
    else if (byte === closeBrace) {
      depth -= 1;
      if (depth === 0) return { start, end: index + 1 };
    }
  }
  return null;
}

/** Counts of an answer that is not a stream; null where it tells none. */
export function usageOf(json: Buffer): TokenCounts | null {
  const place = findUsage(json);
  return place === null ? null : countsOf(JSON.parse(json.toString("utf8", place.start, place.end)));
}

/** From OpenAI's `usage`; whatever is no count is left out. Null where nothing is left. */
export function countsOf(usage: unknown): TokenCounts | null {
  if (typeof usage !== "object" || usage === null) return null;
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = usage as Record<string, unknown>;
  const cached = (prompt_tokens_details as { cached_tokens?: unknown } | null | undefined)?.cached_tokens;
  const counts: TokenCounts = {};
  if (isCount(prompt_tokens)) counts.promptTokens = prompt_tokens;
  if (isCount(cached)) counts.cachedTokens = cached;
  if (isCount(completion_tokens)) counts.completionTokens = completion_tokens;
  return counts.promptTokens === undefined && counts.completionTokens === undefined ? null : counts;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
