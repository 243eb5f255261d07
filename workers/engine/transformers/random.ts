/**
 * Numbers 0 ≤ x < 1 that follow from a seed alone, a whole number of up to 64 bits. Source: SplitMix32, an integer hash
 * over a Weyl sequence; 32 bits are plenty to choose a token, and nothing here is a secret.
 */
export function seededRandom(seed: number): () => number {
  const high = Number(BigInt.asIntN(32, BigInt(seed) >> 32n));
  const low = Number(BigInt.asIntN(32, BigInt(seed)));
  // Hashed: neighbouring seeds would otherwise begin at places of one sequence that lie close together.
  let state = mix(low ^ Math.imul(high, weyl));
  return () => {
    state = (state + weyl) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
}

/** 2^32 divided by the golden ratio. */
const weyl = 0x9e3779b9;

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
