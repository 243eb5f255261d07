import { leadingZeroBits, proofText } from "@/lib/protocol";
import { sha256 } from "./sha256";

/** The first number from 0 that solves the challenge. About 2^bits hashes. */
export function findProof(challenge: string, bits: number): number {
  for (let answer = 0; ; answer++) {
    if (leadingZeroBits(sha256(proofText(challenge, answer))) >= bits) return answer;
  }
}
