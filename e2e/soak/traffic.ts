import { setTimeout as delay } from "node:timers/promises";
import { openChatStream } from "../chaos/chat-stream";
import { type Ballot, newBallot, Visitor } from "../chaos/visitor";

export const kinds = ["stream", "battle", "vote", "board", "page"] as const;
export type Kind = (typeof kinds)[number];
export type Sample = { kind: Kind; ms: number; isGood: boolean };

export type Observer = { took: (sample: Sample) => void; acknowledged: (ballot: Ballot) => void };

/** One unit of mixed traffic: two API streams, a battle with its vote, a reading of the board and of a page. */
export async function oneVisit(url: string, model: string, see: Observer): Promise<void> {
  const take = see.took;
  const timed = async <T>(kind: Kind, act: () => Promise<T>, isGood: (result: T) => boolean): Promise<T> => {
    const begun = performance.now();
    const result = await act();
    take({ kind, ms: performance.now() - begun, isGood: isGood(result) });
    return result;
  };
  const stream = () =>
    timed(
      "stream",
      () => openChatStream({ url, model }).end,
      ({ kind }) => kind === "whole",
    );
  const status = async (path: string): Promise<number> => {
    const response = await fetch(url + path);
    await response.arrayBuffer();
    return response.status;
  };
  const battle = async (): Promise<void> => {
    const visitor = new Visitor();
    const begun = performance.now();
    let id: string;
    try {
      id = await visitor.ready(url);
    } catch (error) {
      // Counted as bad like every other failure: the run ends with 1.
      process.stderr.write(`a battle failed: ${error instanceof Error ? error.message : String(error)}\n`);
      take({ kind: "battle", ms: performance.now() - begun, isGood: false });
      return;
    }
    take({ kind: "battle", ms: performance.now() - begun, isGood: true });
    const ballot = newBallot(id, Math.floor(Math.random() * 4));
    const { status } = await timed(
      "vote",
      () => visitor.vote(url, ballot),
      (answer) => answer.status === 200,
    );
    if (status === 200) see.acknowledged(ballot);
  };
  await Promise.all([
    stream(),
    stream(),
    battle(),
    timed(
      "board",
      () => status("/api/leaderboard"),
      (code) => code === 200,
    ),
    timed(
      "page",
      () => status("/leaderboard"),
      (code) => code === 200,
    ),
  ]);
}

/** Visits at a steady rate whatever becomes of them, for so long. */
export async function visitAtRate(
  visit: () => Promise<void>,
  perSecond: number,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  const running = new Set<Promise<void>>();
  let started = 0;
  while (performance.now() - begun < ms && !signal.aborted) {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
    while (started < due) {
      started += 1;
      const one = visit().finally(() => running.delete(one));
      running.add(one);
    }
    await delay(5);
  }
  await Promise.all(running);
}
