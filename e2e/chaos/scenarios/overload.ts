import { setTimeout as delay } from "node:timers/promises";
import { openChatStream, type StreamEnd } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { holdings } from "../server-process";

/** Few and slow enough for the slots to be the bottleneck, and not the processor that all of this runs on. */
const slots = 16;
/** The mock's "plain" answer has 22 pieces. */
const pieceDelayMs = 60;
const queueLimit = 16;

/** Twice as many requests a second as the workers can answer, in an open loop: nobody waits before asking. */
export const overload: Scenario = {
  name: "overload",
  title: "Twice the load that fits",
  isInShort: false,
  async run(rig, report, isShort) {
    const forMs = isShort ? 6_000 : 20_000;
    const server = await rig.startServer({
      env: { ARENA_QUEUE_LIMIT: String(queueLimit), ARENA_QUEUE_DEADLINE_MS: "4000" },
    });
    const name = uniqueName("model");
    await rig.startMock(server, { name, scenario: "plain", delayMs: pieceDelayMs, slots });
    const single = performance.now();
    await openChatStream({ url: server.url, model: name }).end;
    const serviceMs = performance.now() - single;

    const ask = (): Promise<StreamEnd> => openChatStream({ url: server.url, model: name }).end;
    const before = await closedLoop(ask, slots, forMs);
    let longest = 0;
    const watch = setInterval(async () => {
      longest = Math.max(longest, (await holdings(server)).waiting);
    }, 250);
    const rate = 2 * before.wholePerSecond;
    const over = await openLoop(ask, rate, forMs);
    clearInterval(watch);
    // Once more: what else the machine does may have changed meanwhile.
    const after = await closedLoop(ask, slots, forMs);
    const peak = (before.wholePerSecond + after.wholePerSecond) / 2;

    report.tried(
      `peak ${before.wholePerSecond.toFixed(1)} and ${after.wholePerSecond.toFixed(1)} answers/s (${slots} slots, ${serviceMs.toFixed(0)} ms each); at ${rate.toFixed(1)} requests/s: ${over.wholePerSecond.toFixed(1)} answers/s, ${over.refused} of ${over.asked} refused, longest line ${longest}`,
    );
    report.must(over.wholePerSecond >= 0.9 * peak, "goodput fell below 90 % of the peak");
    report.must(longest <= queueLimit, `the line grew to ${longest}`);
    report.must(over.refused > 0, "nothing was refused, so there was no overload");
    report.must(over.without === 0, `${over.without} refusals without Retry-After`);
    for (const odd of over.odd) report.lost(`neither answered nor refused with 503: ${odd}`);
  },
};

type Tally = { wholePerSecond: number; refused: number; without: number; asked: number; odd: string[] };

async function closedLoop(ask: () => Promise<StreamEnd>, lanes: number, ms: number): Promise<Tally> {
  const ends: { end: StreamEnd; at: number }[] = [];
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - begun < ms) ends.push({ end: await ask(), at: performance.now() - begun });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return tally(ends, ms);
}

async function openLoop(ask: () => Promise<StreamEnd>, perSecond: number, ms: number): Promise<Tally> {
  const ends: { end: StreamEnd; at: number }[] = [];
  const begun = performance.now();
  const asked: Promise<void>[] = [];
  while (performance.now() - begun < ms) {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
    while (asked.length < due) {
      asked.push(ask().then((end) => void ends.push({ end, at: performance.now() - begun })));
    }
    await delay(5);
  }
  await Promise.all(asked);
  return tally(ends, ms);
}

/** Answers that came within the time count for the rate; all ends count for what they were. */
function tally(ends: readonly { end: StreamEnd; at: number }[], ms: number): Tally {
  const whole = ends.filter(({ end, at }) => end.kind === "whole" && at <= ms).length;
  const refusals = ends.flatMap(({ end }) => (end.kind === "told" && end.status === 503 ? [end] : []));
  const odd = ends.flatMap(({ end }) => {
    if (end.kind === "cut") return [end.why];
    return end.kind === "told" && end.status !== 503 ? [`${end.status} ${end.code}`] : [];
  });
  return {
    wholePerSecond: whole / (ms / 1000),
    refused: refusals.length,
    without: refusals.filter(({ retryAfter }) => retryAfter === null).length,
    asked: ends.length,
    odd: odd.slice(0, 5),
  };
}
