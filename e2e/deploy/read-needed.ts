import { closeSync, openSync, readSync } from "node:fs";

/** Values of the ELF format: https://gabi.xinuos.com/elf/ (chapters "Program Header" and "Dynamic Linking"). */
const loadSegment = 1;
const dynamicSegment = 2;
const tags = { end: 0n, needed: 1n, strings: 5n } as const;

type Segment = { type: number; offset: number; address: number; size: number };

/**
 * The names of the shared libraries that a library is linked with (DT_NEEDED), as `readelf -d` shows them. For 64-bit little-endian
 * files. Reads a few kilobytes of it. Throws for a file of another kind.
 */
export function readNeeded(path: string): string[] {
  const file = openSync(path, "r");
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  };
  try {
    const head = read(0, 64);
    if (head.subarray(0, 6).toString("latin1") !== "\x7fELF\x02\x01")
      throw new Error(`${path} is no 64-bit ELF file.`);
    const segments = readSegments(head, read);
    const dynamic = segments.find(({ type }) => type === dynamicSegment);
    if (dynamic === undefined) return [];
    const entries = readEntries(read(dynamic.offset, dynamic.size));
    const stringsAt = entries.find(({ tag }) => tag === tags.strings)?.value ?? 0;
    const segment = segments.find(
      ({ type, address, size }) => type === loadSegment && stringsAt >= address && stringsAt < address + size,
    );
    if (segment === undefined) throw new Error(`${path} has no table of strings.`);
    const start = stringsAt - segment.address + segment.offset;
    return entries
      .filter(({ tag }) => tag === tags.needed)
      .map(({ value }) => {
        const bytes = read(start + value, 256);
        return bytes.subarray(0, bytes.indexOf(0)).toString("latin1");
      });
  } finally {
    closeSync(file);
  }
}

function readSegments(head: Buffer, read: (offset: number, length: number) => Buffer): Segment[] {
  const [tableAt, entrySize, count] = [
    Number(head.readBigUInt64LE(32)),
    head.readUInt16LE(54),
    head.readUInt16LE(56),
  ];
  const table = read(tableAt, entrySize * count);
  return Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * entrySize);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

function readEntries(bytes: Buffer): { tag: bigint; value: number }[] {
  const entries: { tag: bigint; value: number }[] = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = bytes.readBigInt64LE(at);
    if (tag === tags.end) break;
    entries.push({ tag, value: Number(bytes.readBigUInt64LE(at + 8)) });
  }
  return entries;
}
