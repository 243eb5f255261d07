/**
 * Hashcash, the same in the browser and in the server: find a number for which SHA-256 of `challenge:number` begins with
 * `bits` zero bits. Needs about 2^bits hashes to find and one to check.
 * Source: Back, Hashcash, a denial of service counter-measure (2002).
 */
export function leadingZeroBits(hash: Uint8Array): number {
  let bits = 0;
  for (const byte of hash) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

/** What is hashed. */
export const proofText = (challenge: string, answer: number): string => `${challenge}:${answer}`;
