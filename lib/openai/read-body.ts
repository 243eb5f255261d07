import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/errors";

/**
 * What the schemas may be given to check, by number: each of them looks at every element, and writes a fault down for each
 * wrong one, which would keep the event loop from everyone else and the memory from the process. Numbers in lists are
 * free, because token ids are: whoever takes lists of them looks at them himself.
 */
const maxItems = 10_000;
const maxParts = 10_000;
const maxListed = 1_024;
const maxEntries = 10_000;
const maxValues = 200_000;
const maxDepth = 256;

/** A smaller body cannot hold so much that it would matter, and is spared the check. */
const carefreeBytes = 4_096;

/** Lists of which nobody has use for many. */
const shortLists = ["stop", "tools", "functions", "modalities", "include"] as const;
/** Objects whose every entry is checked. */
const maps = ["logit_bias", "metadata"] as const;

/** The body of a request as an object of bounded size. Errors: `invalid_json`, `invalid_request`. */
export function readBody(body: unknown): Record<string, unknown> {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new AppError("invalid_json", { message: "The body is empty; a JSON object is needed." });
  }
  if (!isUtf8(body)) throw new AppError("invalid_json", { message: "The body is not valid UTF-8." });
  const value = parseJson(body.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AppError("invalid_request", { message: "The body must be a JSON object." });
  }
  const fields = value as Record<string, unknown>;
  if (body.length > carefreeBytes) requireBoundedBody(fields);
  return fields;
}

/** Errors: `invalid_request` with the field that holds too much as `param`. */
function requireBoundedBody(fields: Record<string, unknown>): void {
  for (const name of shortLists) {
    const list = fields[name];
    if (Array.isArray(list) && list.length > maxListed) throw tooMuch(name, `at most ${maxListed} are taken`);
  }
  for (const name of maps) {
    const map = fields[name];
    if (typeof map === "object" && map !== null && Object.keys(map).length > maxEntries) {
      throw tooMuch(name, `at most ${maxEntries} entries are taken`);
    }
  }
  let left = maxValues;
  for (const [name, value] of Object.entries(fields)) left -= valuesIn(name, value, left);
}

/** How many values there are in a field, without the numbers of lists; level by level, so that no depth exhausts the stack. */
function valuesIn(name: string, field: unknown, most: number): number {
  let count = 1;
  let level: object[] = typeof field === "object" && field !== null ? [field] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw tooMuch(name, `at most ${maxDepth} levels are taken`);
    const next: object[] = [];
    for (const holder of level) {
      if (Array.isArray(holder)) count += countList(holder, next);
      else count += countFields(holder as Record<string, unknown>, next);
      if (count > most) throw tooManyValues(name);
    }
    level = next;
  }
  if (count > most) throw tooManyValues(name);
  return count;
}

function countList(list: readonly unknown[], next: object[]): number {
  let count = 0;
  for (const value of list) {
    if (typeof value === "number") continue;
    count += 1;
    if (typeof value === "object" && value !== null) next.push(value);
  }
  return count;
}

/** By `for … in`, which costs a quarter of what a list of the values would. */
function countFields(fields: Record<string, unknown>, next: object[]): number {
  let count = 0;
  for (const name in fields) {
    count += 1;
    const value = fields[name];
    if (typeof value === "object" && value !== null) next.push(value);
  }
  return count;
}

const tooManyValues = (name: string): AppError =>
  tooMuch(name, `a body may hold at most ${maxValues} values`);

function tooMuch(param: string, words: string): AppError {
  return new AppError("invalid_request", { message: `${param}: ${words}`, param });
}

/** Refuses a conversation that is too long to be looked at. Errors: `invalid_request` with `param`. */
export function requireBoundedWork(fields: Record<string, unknown>, param: "messages" | "input"): void {
  const items = fields[param];
  if (!Array.isArray(items)) return;
  let parts = 0;
  for (const item of items as ({ content?: unknown } | null)[]) {
    if (Array.isArray(item?.content)) parts += item.content.length;
  }
  if (items.length <= maxItems && parts <= maxParts) return;
  const noun = param === "messages" ? "messages" : "items";
  throw tooMuch(param, `at most ${maxItems} ${noun} with ${maxParts} parts of content are taken`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_json", { message: "The body could not be parsed as JSON.", cause });
  }
}
