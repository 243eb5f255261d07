import type { BoardPairs } from "@/lib/protocol";
import { countVotes, seededRandom } from "@/lib/rating";
import type { VoteColumns, VoteFile } from "./vote-file";

/** What the simulated voters of {@link simulatedVotes} answer to, in logits. */
export type Truth = { beta: readonly number[]; length?: number; side?: number; tieShare?: number };

/** Votes of simulated voters as they are published; the last `odd` voters click at random. */
export function simulatedVotes(
  { beta, length = 0, side = 0, tieShare = 0.2 }: Truth,
  { size, voters, odd = 0, seed }: { size: number; voters: number; odd?: number; seed: number },
): VoteFile {
  const random = seededRandom(seed);
  const models = beta.map((_, at) => `model-${at}`);
  const votes: VoteColumns = {
    ...{ board: "blind", size, voters, models, languages: ["en", "zh"], categories: ["code", "math"] },
    ...{ a: new Uint16Array(size), b: new Uint16Array(size), outcome: new Uint8Array(size) },
    ...{ categoryBits: new Uint16Array(size), language: new Uint8Array(size) },
    ...{ tokensA: new Uint16Array(size), tokensB: new Uint16Array(size) },
    ...{ headersA: new Uint8Array(size), headersB: new Uint8Array(size) },
    ...{ boldA: new Uint8Array(size), boldB: new Uint8Array(size) },
    ...{ listsA: new Uint8Array(size), listsB: new Uint8Array(size), voter: new Uint32Array(size) },
  };
  for (let row = 0; row < size; row++) {
    const a = Math.floor(random() * models.length);
    const b = (a + 1 + Math.floor(random() * (models.length - 1))) % models.length;
    const [tokensA, tokensB] = [20 + Math.floor(random() * 400), 20 + Math.floor(random() * 400)];
    const logit =
      (beta[a] ?? 0) - (beta[b] ?? 0) + side + (length * (tokensA - tokensB)) / (tokensA + tokensB);
    const voter = row % voters;
    const isOdd = voter >= voters - odd;
    const drawn = random() < 1 / (1 + Math.exp(isOdd ? 0 : -logit)) ? 0 : 1;
    votes.a[row] = a;
    votes.b[row] = b;
    votes.outcome[row] = random() < tieShare ? 2 + (row % 2) : drawn;
    votes.categoryBits[row] = row % 4;
    votes.language[row] = row % 3 === 2 ? 255 : row % 3;
    votes.tokensA[row] = tokensA;
    votes.tokensB[row] = tokensB;
    votes.headersA[row] = tokensB % 3;
    votes.headersB[row] = tokensA % 4;
    votes.listsA[row] = tokensA % 5;
    votes.voter[row] = voter;
  }
  return { ...votes, sha256: "0".repeat(64) };
}

/** The pair counts of such votes, as they are published. */
export function pairsOf(votes: VoteFile): BoardPairs {
  const facts = { organization: null, licence: null, contextLength: null, price: null, elo: 1000 };
  const counts = countVotes({
    ...{ modelCount: votes.models.length, size: votes.size },
    ...{ a: Int32Array.from(votes.a), b: Int32Array.from(votes.b), outcome: votes.outcome },
  });
  return {
    ...{ board: "blind", category: "overall", snapshotId: null, inputsHash: "x", codeVersion: "bt-1" },
    ...{ edition: "1", votesEdition: "1", votes: votes.size, countedAt: null },
    models: votes.models.map((model, at) => ({
      ...{ ...facts, model, displayName: model, stage: "public" as const },
      organization: `organization ${at % 3}`,
      votes: counts.reduce(
        (sum, { i, j, winI, winJ, tie, bothBad }) =>
          sum + (i === at || j === at ? winI + winJ + tie + bothBad : 0),
        0,
      ),
    })),
    pairs: counts.map(({ i, j, winI, winJ, tie, bothBad }) => [i, j, winI, winJ, tie, bothBad]),
  };
}
