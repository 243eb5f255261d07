import { Readable } from "node:stream";
import pino from "pino";
import type { CancelSignal, Controller, DispatchRequest, DispatchResponse } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError, type ErrorCode } from "@/lib/errors";
import { createLeaderboard } from "@/lib/leaderboard";
import { unmoderated } from "@/lib/moderation/test-support";
import type { BattleEvent, OfferedModel } from "@/lib/protocol";
import type { ArenaDeps } from "./deps";
import { LiveBattles } from "./live-battles";
import { registerModels } from "./register-models";
import { createPairSampler } from "./sample-pair";

/** What a scripted model does with one request. */
export type Script = {
  pieces: readonly string[];
  /** No worker is free before this. */
  line?: { ahead: number; until: Promise<unknown> };
  /** Awaited before the first piece. */
  hold?: Promise<unknown>;
  /** Awaited after so many pieces. */
  pause?: { after: number; until: Promise<unknown> };
  /** Refused before the first byte. */
  refuse?: ErrorCode;
  /** Breaks off after the pieces instead of ending. */
  breaksOff?: boolean;
  /** Goes on for ever after the pieces, until aborted. */
  endless?: boolean;
};

export type Scripts = (model: string, turn: number) => Script;

/** A controller whose models answer by script: what the arena does with answers, without a worker. */
export function scriptedController(models: readonly string[], scripts: Scripts) {
  const requests: DispatchRequest[] = [];
  const controller: Pick<Controller, "models" | "dispatch"> = {
    models: () =>
      models.map((name) => ({ ...offer(name), stage: "public", workers: 1, slots: 1, outstanding: 0 })),
    async dispatch(request): Promise<DispatchResponse> {
      requests.push(request);
      const { messages } = JSON.parse(String(request.body)) as { messages: unknown[] };
      const script = scripts(request.model, Math.floor(messages.length / 2));
      if (script.line !== undefined) {
        request.onQueued?.(script.line.ahead);
        await Promise.race([script.line.until, aborted(request.signal)]);
      }
      if (script.refuse !== undefined) throw new AppError(script.refuse);
      const body = Readable.from(frames(script, request.signal), { objectMode: false });
      const workerId = "018f0000-0000-7000-8000-000000000001";
      return { status: 200, contentType: "text/event-stream", body, workerId, queueWaitMs: 0 };
    },
  };
  return { controller: controller as Controller, requests };
}

/** Rejects as soon as the signal is aborted. */
function aborted(signal: CancelSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

async function* frames(script: Script, signal: CancelSignal): AsyncGenerator<Buffer> {
  await script.hold;
  for (const [index, content] of script.pieces.entries()) {
    if (script.pause?.after === index) await script.pause.until;
    yield frame({ choices: [{ index: 0, delta: { content } }] });
  }
  if (script.breaksOff === true) throw new Error("connection reset");
  if (script.endless === true) await aborted(signal);
  yield frame({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  yield frame({
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: script.pieces.length, total_tokens: 3 },
  });
  yield Buffer.from("data: [DONE]\n\n");
}

function frame(chunk: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
}

/** A model that reads images if its name says so: `seeing-…`. */
export function offer(name: string): OfferedModel {
  return {
    name,
    displayName: name.toUpperCase(),
    organization: "Test",
    licence: "Apache-2.0",
    contextLength: 1024,
    capabilities: name.startsWith("seeing-") ? ["chat", "vision"] : ["chat"],
    tags: [],
  };
}

/** The arena over a real database and scripted models. @param selfDuelRate share of battles of a model against itself @param charsPerSecond pace; null: none @param orphanGraceMs how long answers go on without a reader */
export async function scriptedArena(
  db: Database,
  models: readonly string[],
  scripts: Scripts,
  selfDuelRate = 0,
  charsPerSecond: number | null = null,
  orphanGraceMs = 60_000,
) {
  const logger = pino({ level: "silent" });
  const { controller, requests } = scriptedController(models, scripts);
  await registerModels(db, models.map(offer));
  const leaderboard = createLeaderboard({ db, databaseUrl: "", logger, styleRefreshMs: 1, secret: "test" });
  const sampler = createPairSampler({ db, controller, leaderboard, random: Math.random, selfDuelRate });
  const live = new LiveBattles({
    ...{ db, controller, logger, sampler },
    ...{ maxTokens: 512, orphanGraceMs, charsPerSecond: () => charsPerSecond },
    moderation: unmoderated,
  });
  const arena: ArenaDeps = { db, controller, leaderboard, live, sampler, logger, moderation: unmoderated };
  return { arena, requests };
}

/** The first event for which `isIt` holds, from a listener that is called with every event. */
export function firstEvent(isIt: (event: BattleEvent) => boolean) {
  let found: (event: BattleEvent) => void;
  const event = new Promise<BattleEvent>((resolve) => {
    found = resolve;
  });
  const seen: BattleEvent[] = [];
  const listener = (next: BattleEvent) => {
    seen.push(next);
    if (isIt(next)) found(next);
  };
  return { listener, event, seen };
}

/** A promise that the test resolves. */
export function gate() {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

// Tests of other folders play battles too.
export { castVote } from "./cast-vote";
export { startBattle } from "./start-battle";
