import { type FileHandle, open } from "node:fs/promises";

/**
 * Writes GGUF files, version 3, little-endian. Source: the GGUF specification in ggml's docs/gguf.md.
 * Only what the random models of the benchmark need: Q8_0 and F32 tensors.
 */

export type GgufValue =
  | { type: "uint32" | "int32" | "float32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | { type: "strings"; value: readonly string[] }
  | { type: "int32s"; value: readonly number[] };

export type GgufTensor = {
  name: string;
  /** Elements by dimension, the contiguous one first. */
  shape: readonly number[];
  kind: "q8_0" | "f32";
};

const typeIds = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorTypeIds = { f32: 0, q8_0: 8 } as const;
const alignment = 32;

/** Values of one Q8_0 block, and its bytes: a half-precision scale and the values as 8-bit integers. */
export const blockValues = 32;
export const blockBytes = 34;

export function tensorBytes({ shape, kind }: GgufTensor): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  return kind === "f32" ? elements * 4 : (elements / blockValues) * blockBytes;
}

/** `data` gives a tensor's bytes piece by piece, exactly {@link tensorBytes} of them. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
  data: (tensor: GgufTensor) => Iterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, "w");
  try {
    const header = encodeHeader(metadata, tensors);
    await file.write(header);
    let position = await pad(file, header.length);
    for (const tensor of tensors) {
      for (const piece of data(tensor)) {
        await file.write(piece);
        position += piece.length;
      }
      position = await pad(file, position);
    }
  } finally {
    await file.close();
  }
}

async function pad(file: FileHandle, position: number): Promise<number> {
  const missing = (alignment - (position % alignment)) % alignment;
  if (missing > 0) await file.write(Buffer.alloc(missing));
  return position + missing;
}

function encodeHeader(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const parts: Buffer[] = [Buffer.from("GGUF", "latin1"), uint32(3), uint64(tensors.length)];
  const entries = Object.entries(metadata);
  parts.push(uint64(entries.length));
  for (const [key, value] of entries) parts.push(text(key), encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name), uint32(tensor.shape.length), ...tensor.shape.map(uint64));
    parts.push(uint32(tensorTypeIds[tensor.kind]), uint64(offset));
    offset += Math.ceil(tensorBytes(tensor) / alignment) * alignment;
  }
  return Buffer.concat(parts);
}

function encodeValue(entry: GgufValue): Buffer {
  switch (entry.type) {
    case "uint32":
      return Buffer.concat([uint32(typeIds.uint32), uint32(entry.value)]);
    case "int32":
      return Buffer.concat([uint32(typeIds.int32), int32(entry.value)]);
    case "float32":
      return Buffer.concat([uint32(typeIds.float32), float32(entry.value)]);
    case "bool":
      return Buffer.concat([uint32(typeIds.bool), Buffer.from([entry.value ? 1 : 0])]);
    case "string":
      return Buffer.concat([uint32(typeIds.string), text(entry.value)]);
    case "strings":
      return Buffer.concat([...arrayHead(typeIds.string, entry.value.length), ...entry.value.map(text)]);
    case "int32s":
      return Buffer.concat([...arrayHead(typeIds.int32, entry.value.length), ...entry.value.map(int32)]);
  }
}

const arrayHead = (elementType: number, length: number): Buffer[] => [
  uint32(typeIds.array),
  uint32(elementType),
  uint64(length),
];

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}
