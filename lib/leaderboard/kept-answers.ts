import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { BoardState } from "./board-state";

/** An answer that is ready to be sent, with and without compression. */
export type KeptAnswer = { body: Buffer; gzip: Buffer; etag: string };

/** How many different questions are remembered; each answer has some tens of kilobytes. */
const maxKept = 128;

/** Serializes an answer once for all who ask. */
export async function prepareAnswer(content: unknown): Promise<KeptAnswer> {
  const body = Buffer.from(JSON.stringify(content));
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  return { body, gzip: await promisify(gzip)(body, { level: 4 }), etag };
}

/** Serialized answers, each good as long as what it was made from is the newest: the very same objects. */
export function createKeptAnswers() {
  const kept = new Map<string, { answer: Promise<KeptAnswer>; state: BoardState; fit: object | null }>();
  return {
    get(name: string, state: BoardState, fit: object | null): Promise<KeptAnswer> | null {
      const found = kept.get(name);
      return found !== undefined && found.state === state && found.fit === fit ? found.answer : null;
    },
    keep(name: string, state: BoardState, fit: object | null, content: unknown): Promise<KeptAnswer> {
      const answer = prepareAnswer(content);
      kept.delete(name);
      kept.set(name, { answer, state, fit });
      const oldest = kept.keys().next().value;
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      return answer;
    },
  };
}
