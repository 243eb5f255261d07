import { Readable } from "node:stream";
import pino from "pino";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import type { SideStatus } from "@/lib/protocol";
import {
  type AnswerStore,
  type ChargeTokens,
  type FinalAnswer,
  type ReserveTokens,
  runAnswer,
} from "./answer-run";
import { type AnswerSurface, createAnswerMetrics } from "./metrics";

const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const text = event({ choices: [{ index: 0, delta: { content: "Twelve chars" } }] });
const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
const usage = event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 } });
const done = "data: [DONE]\n\n";

/** An answer of a worker that sends these, after a prompt of 20 characters; at most 100 tokens were asked for. */
async function answer(
  sent: readonly string[],
  reserveTokens?: ReserveTokens,
  measured: { surface?: AnswerSurface; log?: Record<string, unknown>[]; charge?: ChargeTokens } = {},
  finish: AnswerStore["finish"] = async () => true,
) {
  let dispatched = 0;
  let final: FinalAnswer | undefined;
  const view = { status: "queued" as SideStatus, text: "" };
  await runAnswer(
    {
      controller: {
        dispatch: async () => {
          dispatched += 1;
          const body = Readable.from(sent.map((piece) => Buffer.from(piece)));
          return { status: 200, contentType: "text/event-stream", body, workerId: "w", queueWaitMs: 0 };
        },
      },
      reserveTokens,
      store: { append: async () => true, finish },
      surface: measured.surface,
      logger: pino({ level: "info" }, { write: (line: string) => measured.log?.push(JSON.parse(line)) }),
      closing: new AbortController().signal,
    },
    {
      ...{ id: "answer", model: "demo", maxTokens: 100, view },
      messages: async () => [{ role: "user", content: [{ type: "text", text: "twenty characters ok" }] }],
      onWriting: () => undefined,
      onText: () => undefined,
      charge: measured.charge,
      onEnd: (ended) => {
        final = ended;
      },
    },
  ).done;
  return { final, dispatched };
}

function budget() {
  const seen: (object | number)[] = [];
  const reserve: ReserveTokens = (request) => {
    seen.push(request);
    return (used) => seen.push(used);
  };
  return { seen, reserve };
}

const reservation = { model: "demo", estimatedTokens: 105 };

describe("an answer of a model with a token limit", () => {
  it("reserves the most that it may take, and settles what the worker has told", async () => {
    const { seen, reserve } = budget();
    const { final } = await answer([text, finish, usage, done], reserve);
    expect(final).toMatchObject({ status: "finished", text: "Twelve chars" });
    expect(seen).toEqual([reservation, 8]);
  });

  it("settles what was written where the worker breaks off before it tells", async () => {
    const { seen, reserve } = budget();
    const { final } = await answer([text], reserve);
    expect(final?.status).toBe("failed");
    expect(seen).toEqual([reservation, 5 + 3]);
    // And it counts for its visitor, who else would use no tokens by stopping every answer.
    expect(final).toMatchObject({ promptTokens: null, completionTokens: null, tokensUsed: 8 });
  });

  it("is not asked for where the limit is reached, and counts as one whose workers are busy", async () => {
    const { final, dispatched } = await answer([text, finish, usage, done], () => {
      throw new AppError("rate_limited", { details: { retryAfterSeconds: 7 } });
    });
    expect(dispatched).toBe(0);
    expect(final).toMatchObject({ status: "failed", text: "" });
    expect(final?.error).toMatchObject({ code: "no_worker_available", details: { retryAfterSeconds: 7 } });
  });

  it("settles nothing where none is kept", async () => {
    expect((await answer([text, finish, usage, done])).final?.status).toBe("finished");
    expect((await answer([text, finish, usage, done], () => null)).final?.status).toBe("finished");
  });
});

describe("what an answer has used", () => {
  const whole = [text, finish, usage, done];
  async function charged(
    sent: readonly string[],
    { reserve, store }: { reserve?: ReserveTokens; store?: AnswerStore["finish"] } = {},
  ) {
    const amounts: number[] = [];
    await answer(sent, reserve, { charge: (used) => amounts.push(used) }, store);
    return amounts;
  }

  it("is charged as the worker has told, or as it is estimated at where it was cut off", async () => {
    expect(await charged(whole)).toEqual([8]);
    expect(await charged([text, text])).toEqual([5 + 6]);
  });

  it("is charged to nobody where nobody has begun to write", async () => {
    const reserve: ReserveTokens = () => {
      throw new AppError("rate_limited");
    };
    expect(await charged(whole, { reserve })).toEqual([]);
  });

  it("is charged once where its end is stored late, and where somebody else has declared it failed", async () => {
    let tries = 0;
    const store = async () => {
      tries += 1;
      if (tries === 1) throw new AppError("database_unavailable");
      return true;
    };
    expect(await charged(whole, { store })).toEqual([8]);
    expect(tries).toBe(2);
    expect(await charged(whole, { store: async () => false })).toEqual([8]);
  });
});

describe("an answer that is over", () => {
  it("leaves one log line without a word of it, and counts on its surface", async () => {
    const registry = new Registry();
    const log: Record<string, unknown>[] = [];
    const { battle } = createAnswerMetrics(registry);
    const measured = { surface: battle, log };
    await answer([text, text, finish, usage, done], undefined, measured);
    await answer([text], undefined, measured);
    expect(log.filter(({ msg }) => msg === "answer")).toMatchObject([
      {
        ...{ answerId: "answer", surface: "battle", model: "demo", workerId: "w", outcome: "finished" },
        ...{ queueWaitMs: 0, promptTokens: 5, completionTokens: 3 },
        ...{ firstTextMs: expect.any(Number), totalMs: expect.any(Number) },
      },
      { outcome: "upstream_failed", workerId: "w", promptTokens: null },
    ]);
    expect(JSON.stringify(log)).not.toMatch(/Twelve|twenty/);
    const shown = await registry.metrics();
    const labels = 'surface="battle",model="demo"';
    expect(shown).toContain(`arena_answers_total{${labels},outcome="finished"} 1`);
    expect(shown).toContain(`arena_answers_total{${labels},outcome="upstream_failed"} 1`);
    expect(shown).toContain(`arena_answer_tokens_total{${labels},kind="prompt"} 5`);
    expect(shown).toContain(`arena_answer_tokens_total{${labels},kind="completion"} 3`);
    expect(shown).toContain(`arena_answer_first_text_seconds_count{${labels}} 2`);
    expect(shown).toContain(`arena_answer_inter_token_seconds_count{${labels}} 1`);
    expect(shown).toContain(`arena_answer_seconds_count{${labels}} 2`);
  });
});
