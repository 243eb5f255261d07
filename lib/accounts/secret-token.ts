import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * API keys, join tokens and one-time links: `<kind><12 hexadecimal digits><43 characters of base64url>`.
 *
 * The first two parts are the prefix: it is shown, and finds the row. The rest are 256 random bits. Nobody can guess
 * or enumerate those, so a plain SHA-256 keeps them as well as a slow password hash would, and costs a microsecond on
 * each request where bcrypt would cost a hundred thousand. The hash found by its prefix is compared in constant time.
 */
export type SecretToken = { text: string; prefix: string; hash: Buffer };

export type TokenKind = "sk-arena-" | "jt-arena-" | "al-arena-";

const idDigits = 12;
const secretBytes = 32;

/** Characters of the part after the prefix. */
const secretLength = Math.ceil((secretBytes * 4) / 3);

export function makeToken(kind: TokenKind): SecretToken {
  const prefix = kind + randomBytes(idDigits / 2).toString("hex");
  const text = prefix + randomBytes(secretBytes).toString("base64url");
  return { text, prefix, hash: hashToken(text) };
}

/** The prefix of what has the shape of such a token; null for everything else, which needs no look into the database. */
export function prefixOf(kind: TokenKind, text: string): string | null {
  const prefixLength = kind.length + idDigits;
  if (text.length !== prefixLength + secretLength || !text.startsWith(kind)) return null;
  const prefix = text.slice(0, prefixLength);
  return /^[0-9a-f]+$/.test(prefix.slice(kind.length)) ? prefix : null;
}

export function hashToken(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

export function isTokenOf(expectedHash: Uint8Array, text: string): boolean {
  const presented = hashToken(text);
  return expectedHash.byteLength === presented.byteLength && timingSafeEqual(expectedHash, presented);
}
