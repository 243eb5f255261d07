/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Seeded uniform numbers with 32 random bits each: sfc32 (Doty-Humphrey, PractRand), state filled from the seed by
 * splitmix32. The same seed gives the same numbers in Node and in every browser. Not for secrets.
 *
 * @param seed any number; only its lowest 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const mix = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let k = 0; k < 12; k++) next();
  return () => next() / 4294967296;
}
