import { createSseReader } from "@/bench/gateway/sse-reader";
import { newBallot, Visitor } from "@/e2e/chaos/visitor";

export type Played = {
  /** From the prompt to the first text of either side, and to the end of both answers. */
  firstTextMs: number;
  readyMs: number;
  voteMs: number;
};

/**
 * One visitor's battle as the page plays it: a prompt, the stream of events until both answers are there, a vote. Errors: whatever came in
 * place of it.
 */
export async function playBattle(url: string, index: number): Promise<Played> {
  const visitor = new Visitor();
  const begun = performance.now();
  const id = await visitor.begin(url, "Tell me of the sea, in your own words.");
  if (id === null) throw new Error("The battle was not begun.");
  const firstTextMs = await followToEnd(url, visitor, id, begun);
  const readyMs = performance.now() - begun;
  const asked = performance.now();
  const { status: code } = await visitor.vote(url, newBallot(id, index));
  if (code !== 200) throw new Error(`The vote was answered with ${code}.`);
  return { firstTextMs, readyMs, voteMs: performance.now() - asked };
}

/** Reads the events until the vote is open; milliseconds from `begun` to the first text. */
async function followToEnd(url: string, visitor: Visitor, id: string, begun: number): Promise<number> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/battles/${id}/events`, {
    headers: { cookie: visitor.cookie },
    signal: leaving.signal,
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`The events were answered with ${response.status}.`);
  }
  let firstTextMs: number | null = null;
  let last = "";
  const reader = createSseReader((data) => {
    const event = JSON.parse(data) as { type: string };
    if (event.type === "delta") firstTextMs ??= performance.now() - begun;
    if (last !== "ready") last = event.type;
  });
  for await (const bytes of response.body) {
    reader.push(bytes);
    if (last === "ready" || last === "failed") break;
  }
  leaving.abort();
  if (last !== "ready") throw new Error(`The events ended with ${last}, and the vote is not open.`);
  return firstTextMs ?? Number.NaN;
}
