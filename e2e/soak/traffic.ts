import { setTimeout as delay } from "node:timers/promises";
import { openChatStream } from "../chaos/chat-stream";
import { type Ballot, newBallot, Visitor } from "../chaos/visitor";

export const kinds = ["stream", "battle", "vote", "board", "page"] as const;
export type Kind = (typeof kinds)[number];
/** `fault`: what was wrong with it; null: nothing. */
export type Sample = { kind: Kind; ms: number; fault: string | null };

export type Observer = { took: (sample: Sample) => void; acknowledged: (ballot: Ballot) => void };

const faultOfStatus = (status: number): string | null => (status === 200 ? null : String(status));

/** One unit of mixed traffic: two API streams, a battle with its vote, a reading of the board and of a page. */
export async function oneVisit(url: string, model: string, see: Observer): Promise<void> {
  const take = see.took;
  const timed = async <T>(
    kind: Kind,
    act: () => Promise<T>,
    faultOf: (result: T) => string | null,
  ): Promise<T> => {
    const begun = performance.now();
    const result = await act();
    take({ kind, ms: performance.now() - begun, fault: faultOf(result) });
    return result;
  };
  const stream = () =>
    timed(
      "stream",
      () => openChatStream({ url, model }).end,
      (end) => (end.kind === "whole" ? null : `${end.kind}: ${end.kind === "cut" ? end.why : end.code}`),
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
      const fault = error instanceof Error ? error.message : String(error);
      take({ kind: "battle", ms: performance.now() - begun, fault });
      return;
    }
    take({ kind: "battle", ms: performance.now() - begun, fault: null });
    const ballot = newBallot(id, Math.floor(Math.random() * 4));
    const { status } = await timed(
      "vote",
      () => visitor.vote(url, ballot),
      (answer) => (answer.status === 200 ? null : `${answer.status} ${JSON.stringify(answer.json)}`),
    );
    if (status === 200) see.acknowledged(ballot);
  };
  await Promise.all([
    stream(),
    stream(),
    battle(),
    timed("board", () => status("/api/leaderboard"), faultOfStatus),
    timed("page", () => status("/leaderboard"), faultOfStatus),
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
