import { constants, crc32, deflateRawSync } from "node:zlib";

/** A page without the nonce that it was made with: one of another answer is put in its places. */
export type NonceTemplate = {
  parts: readonly Buffer[];
  /** Each part as a deflate stream of its own that ends on a byte, so that any bytes may follow (RFC 1951, 3.2.3). */
  deflated: readonly Buffer[];
};

const level = 6;

export function toNonceTemplate(page: Buffer, nonce: string): NonceTemplate {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = page.indexOf(nonce); at >= 0; at = page.indexOf(nonce, from)) {
    parts.push(page.subarray(from, at));
    from = at + nonce.length;
  }
  parts.push(page.subarray(from));
  const deflated = parts.map((part) => deflateRawSync(part, { level, finishFlush: constants.Z_FULL_FLUSH }));
  return { parts, deflated };
}

export function fillPlain({ parts }: NonceTemplate, nonce: string): Buffer {
  return Buffer.concat(between(parts, Buffer.from(nonce)));
}

/**
 * The same in gzip's format (RFC 1952), without compressing anything again: the nonce stands in stored blocks between the
 * parts.
 */
export function fillGzip({ parts, deflated }: NonceTemplate, nonce: string): Buffer {
  const bytes = Buffer.from(nonce);
  let sum = 0;
  let size = 0;
  for (const piece of between(parts, bytes)) {
    sum = crc32(piece, sum);
    size += piece.length;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  return Buffer.concat([gzipHeader, ...between(deflated, storedBlock(bytes)), lastBlock, trailer]);
}

/** No name, no time, made on Unix. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** A stored block of nothing that says it is the last. */
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff]);

function storedBlock(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(0xffff - bytes.length, 3);
  return Buffer.concat([head, bytes]);
}

function between(parts: readonly Buffer[], joint: Buffer): Buffer[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [joint, part]));
}
