import { readFile } from "node:fs/promises";

/** Reads a whole GGUF file. Source: "GGUF" in the documents of ggml, versions 2 and 3. */

export type GgufTensor = {
  /** Fastest axis last, as in ONNX; GGUF has it first. */
  shape: readonly number[];
  type: "f32" | "q8_0";
  data: Buffer;
};

export type GgufFile = {
  metadata: ReadonlyMap<string, unknown>;
  tensors: ReadonlyMap<string, GgufTensor>;
};

/** Values of a block of Q8_0, which has one scale. */
export const blockValues = 32;
/** A 16-bit scale, then one byte a value. */
export const blockBytes = 2 + blockValues;

/** Errors: an `Error` for another version, or a tensor that is neither F32 nor Q8_0. */
export async function readGguf(path: string): Promise<GgufFile> {
  const reader = new Reader(await readFile(path));
  if (reader.ascii(4) !== "GGUF") throw new Error(`${path} is no GGUF file.`);
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new Error(`${path} is a GGUF of version ${version}.`);
  const tensorCount = reader.u64();
  const metadataCount = reader.u64();
  const metadata = new Map<string, unknown>();
  for (let index = 0; index < metadataCount; index++) {
    const key = reader.text();
    metadata.set(key, reader.value(reader.u32()));
  }
  const heads = Array.from({ length: tensorCount }, () => ({
    name: reader.text(),
    shape: Array.from({ length: reader.u32() }, () => reader.u64()).reverse(),
    type: tensorType(reader.u32()),
    offset: reader.u64(),
  }));
  reader.align(Number(metadata.get("general.alignment") ?? 32));
  const start = reader.position;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, type, offset } of heads) {
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = type === "f32" ? count * 4 : (count / blockValues) * blockBytes;
    tensors.set(name, { shape, type, data: reader.slice(start + offset, bytes) });
  }
  return { metadata, tensors };
}

function tensorType(id: number): "f32" | "q8_0" {
  if (id === 0) return "f32";
  if (id === 8) return "q8_0";
  throw new Error(`Tensors of GGUF type ${id} are not exported.`);
}

/** Little-endian values, one after another. */
class Reader {
  readonly #buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  slice(start: number, bytes: number): Buffer {
    if (start + bytes > this.#buffer.length) throw new Error("The GGUF file is cut.");
    return this.#buffer.subarray(start, start + bytes);
  }

  align(bytes: number): void {
    this.position = Math.ceil(this.position / bytes) * bytes;
  }

  ascii(length: number): string {
    return this.#take(length).toString("latin1");
  }

  text(): string {
    return this.#take(this.u64()).toString("utf8");
  }

  u32(): number {
    return this.#take(4).readUInt32LE();
  }

  u64(): number {
    return Number(this.#take(8).readBigUInt64LE());
  }

  value(type: number): unknown {
    switch (type) {
      case 0:
        return this.#take(1).readUInt8();
      case 1:
        return this.#take(1).readInt8();
      case 2:
        return this.#take(2).readUInt16LE();
      case 3:
        return this.#take(2).readInt16LE();
      case 4:
        return this.u32();
      case 5:
        return this.#take(4).readInt32LE();
      case 6:
        return this.#take(4).readFloatLE();
      case 7:
        return this.#take(1).readUInt8() !== 0;
      case 8:
        return this.text();
      case 9: {
        const itemType = this.u32();
        return Array.from({ length: this.u64() }, () => this.value(itemType));
      }
      case 10:
        return this.u64();
      case 11:
        return Number(this.#take(8).readBigInt64LE());
      case 12:
        return this.#take(8).readDoubleLE();
      default:
        throw new Error(`The GGUF file has a value of the unknown type ${type}.`);
    }
  }

  #take(bytes: number): Buffer {
    const taken = this.slice(this.position, bytes);
    this.position += bytes;
    return taken;
  }
}
