import { crc32, deflateSync } from "node:zlib";

// Images made byte by byte, so that a test knows what is in them.

/** A JPEG's segments; compressed data is what a decoder would find, not what it would like. */
export function jpeg(options: { width?: number; height?: number; extra?: readonly Buffer[] } = {}): Buffer {
  const { width = 40, height = 30, extra = [] } = options;
  const size = Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "latin1")),
    ...extra,
    segment(0xdb, Buffer.alloc(65, 1)),
    segment(0xc0, size),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]),
    Buffer.from([0xff, 0xd9]),
  ]);
}

export function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** A real PNG of one grey. */
export function png(options: { width?: number; height?: number; extra?: readonly Buffer[] } = {}): Buffer {
  const { width = 40, height = 30, extra = [] } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height, 0);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...extra,
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A WebP of the extended kind, its picture lossless. */
export function webp(
  options: { width?: number; height?: number; flags?: number; inner?: number } = {},
): Buffer {
  const { width = 40, height = 30, flags = 0x0c, inner = width } = options;
  const header = Buffer.alloc(10);
  header[0] = flags;
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  const picture = Buffer.alloc(8);
  picture[0] = 0x2f;
  picture.writeUInt32LE((inner - 1) | ((height - 1) << 14), 1);
  const body = Buffer.concat([
    riff("VP8X", header),
    riff("VP8L", picture),
    riff("EXIF", Buffer.from("GPS 52.52 N")),
    riff("XMP ", Buffer.from("<x:xmpmeta/>")),
  ]);
  const head = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}

function riff(type: string, data: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, "latin1");
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
