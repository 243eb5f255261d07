import type { Tensor } from "@huggingface/transformers";

/** A tensor's values as 32-bit floats. Errors: an `Error` for a tensor that holds no floats. */
export function tensorFloats({ type, data }: Pick<Tensor, "type" | "data">): Float32Array {
  if (data instanceof Float32Array) return data;
  // Node 20 has no Float16Array, so such tensors come as their bits.
  if (type === "float16" && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  if (type === "float16") return Float32Array.from(data as ArrayLike<number>);
  throw new Error(`The model gives ${type}, not floats.`);
}

/** IEEE 754 binary16. */
export function fromHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
