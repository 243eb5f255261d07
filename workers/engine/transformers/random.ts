/**
 * Numbers 0 ≤ x < 1 that follow from a seed alone. Source: SplitMix32 in its usual form, murmur3's finalizer over a Weyl
 * sequence; 32 bits are plenty to choose a token, and nothing here is a secret.
 */
export function seededRandom(seed: number): () => number {
  // Folding keeps far-apart and negative seeds distinct.
  let state = Number(BigInt.asUintN(32, BigInt(seed) ^ (BigInt(seed) >> 32n))) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
}
