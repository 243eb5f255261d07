/** A member of a JSON object; `start` and `end` enclose its value's bytes. */
export type JsonMember = { name: string; start: number; end: number };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * The outermost members of a JSON object, found without parsing the values: a body can be read and changed in one place
 * while every other byte of it (long numbers, escapes, spaces) stays as it came. Null: not an object. Values are not
 * checked; who reads the body as a whole does that. Grammar: RFC 8259.
 */
export function jsonMembers(bytes: Buffer): JsonMember[] | null {
  const members: JsonMember[] = [];
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace) return null;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) return isAtEnd(bytes, at + 1) ? members : null;
  while (bytes[at] === quote) {
    const nameEnd = endOfString(bytes, at);
    const name = nameEnd === -1 ? null : decodeString(bytes.subarray(at, nameEnd));
    if (name === null) return null;
    at = skipSpace(bytes, nameEnd);
    if (bytes[at] !== colon) return null;
    const start = skipSpace(bytes, at + 1);
    const end = endOfValue(bytes, start);
    if (end === -1 || end === start) return null;
    members.push({ name, start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === closeBrace) return isAtEnd(bytes, at + 1) ? members : null;
    if (bytes[at] !== comma) return null;
    at = skipSpace(bytes, at + 1);
  }
  return null;
}

/** The text of a JSON string, quotes included; null: not one. */
export function decodeString(bytes: Buffer): string | null {
  const value = parseValue(bytes);
  return typeof value === "string" ? value : null;
}

/** The value of a member; undefined: not JSON. */
export function parseValue(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // The caller decides what a value means that is none.
    return undefined;
  }
}

/** The bytes with one value replaced. */
export function replaceValue(bytes: Buffer, { start, end }: JsonMember, value: unknown): Buffer {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(JSON.stringify(value)), bytes.subarray(end)]);
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

function isAtEnd(bytes: Buffer, from: number): boolean {
  return skipSpace(bytes, from) === bytes.length;
}

/** Just after the closing quote; -1: there is none. A search for quotes, so that megabytes of an image cost nothing. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(quote, start + 1); at !== -1; at = bytes.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
}

function endOfValue(bytes: Buffer, start: number): number {
  if (bytes[start] === quote) return endOfString(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const end = endOfString(bytes, at);
      if (end === -1) return -1;
      at = end - 1;
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      // The brace after a number belongs to the object around it.
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (
      depth === 0 &&
      (byte === comma || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)
    )
      return at;
  }
  return -1;
}
