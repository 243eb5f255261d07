import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import { FakeContext, type FakeSampling } from "./fake-context";
import { type StepJob, type StepObserver, StepScheduler } from "./step-scheduler";

vi.setConfig(busyMachine);

const limits = { batchTokens: 64, targetMs: 60, targetSlowdown: 2.5 };

type Run = {
  job: StepJob<FakeSampling>;
  tokens: number[];
  cached: number | null;
  error: unknown;
  ended: Promise<"end" | "limit" | "error">;
  abort: AbortController;
};

let salt = 0;
function run(options: {
  prompt?: number | readonly number[];
  length?: number;
  limit?: number;
  isPaused?: () => boolean;
  onToken?: (count: number) => void;
}): Run {
  const { prompt = 3, length = 3, limit = 100, isPaused = () => false } = options;
  const abort = new AbortController();
  let finish: (how: "end" | "limit" | "error") => void = () => undefined;
  const own = ++salt * 10_000;
  const result: Run = {
    tokens: [],
    cached: null,
    error: null,
    abort,
    ended: new Promise((resolve) => {
      finish = resolve;
    }),
    job: {
      prompt: typeof prompt === "number" ? Array.from({ length: prompt }, (_, index) => own + index) : prompt,
      sampling: { length },
      mayReusePrefix: true,
      signal: abort.signal,
      isPaused,
      onStart: (cached) => {
        result.cached = cached;
      },
      onToken: (token) => {
        result.tokens.push(token);
        options.onToken?.(result.tokens.length);
        if (result.tokens.length < limit) return true;
        finish("limit");
        return false;
      },
      onEndOfTurn: () => finish("end"),
      onError: (error) => {
        result.error = error;
        finish("error");
      },
    },
  };
  return result;
}

function setUp(slots: number, settleOrder?: (ids: number[]) => number[]) {
  const context = new FakeContext(slots, settleOrder);
  return { context, scheduler: new StepScheduler(context.sequences(), limits) };
}

describe("StepScheduler", () => {
  it("decodes all ready sequences together, ascending, however their results settle", async () => {
    const { context, scheduler } = setUp(4, (ids) => [...ids].reverse());
    const runs = [run({}), run({}), run({}), run({})];
    for (const { job } of runs) scheduler.submit(job);
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual(["end", "end", "end", "end"]);
    await scheduler.idle();
    expect(context.decodes.map((decode) => decode.map((item) => item.id))).toEqual(
      Array.from({ length: 4 }, () => [0, 1, 2, 3]),
    );
    expect(runs.map(({ tokens }) => tokens)).toEqual(Array.from({ length: 4 }, () => [1001, 1002, 1003]));
  });

  it("closes the gap that a finished answer leaves, and tells nobody of it", async () => {
    const { context, scheduler } = setUp(3);
    const runs = [run({ length: 6 }), run({ length: 1 }), run({ length: 6 })];
    for (const { job } of runs) scheduler.submit(job);
    await Promise.all(runs.map(({ ended }) => ended));
    await scheduler.idle();
    expect(context.decodes.map((decode) => decode.map((item) => item.id))).toEqual(
      Array.from({ length: 7 }, () => [0, 1, 2]),
    );
    expect(context.fills).toBe(5);
    expect(scheduler.stats).toMatchObject({ slotSteps: 16, activeSlotSteps: 16, promptTokens: 9 });
  });

  it("tells of waits, prompts and steps", async () => {
    const context = new FakeContext(1);
    let now = 0;
    context.onDecode = () => {
      now += 10;
    };
    const told: unknown[] = [];
    const observer: StepObserver = {
      started: (waitMs) => told.push(["started", waitMs]),
      prompted: (tokens, ms) => told.push(["prompted", tokens, ms]),
      stepped: (busySlots, activeSlots) => told.push([busySlots, activeSlots]),
    };
    const scheduler = new StepScheduler(context.sequences(), limits, observer, () => now);
    const runs = [run({ prompt: 100, length: 1 }), run({ prompt: 3, length: 0 })];
    for (const { job } of runs) scheduler.submit(job);
    await Promise.all(runs.map(({ ended }) => ended));
    // 100 prompt tokens take two steps of 64; the answer's one token and the end of the turn a third one.
    expect(told).toEqual([
      ["started", 0],
      [1, 1],
      [1, 1],
      ["prompted", 100, 20],
      [1, 1],
      ["started", 30],
      [1, 1],
      ["prompted", 3, 10],
    ]);
  });

  it("feeds a long prompt in chunks that fit the measured speed, while another answer gets a token in every step", async () => {
    const context = new FakeContext(2);
    let now = 0;
    // Half a millisecond a token: beside an answer, the step with 128 prompt tokens is the last one below the target.
    const wide = { ...limits, batchTokens: 256, targetMs: 80 };
    const scheduler = new StepScheduler(context.sequences(), wide, null, () => now);
    const answering = run({ prompt: 200, length: 30 });
    const long = run({ prompt: 300, length: 1 });
    context.onDecode = (step) => {
      now += 0.5 * (context.decodes.at(-1) ?? []).reduce((sum, { tokens }) => sum + tokens, 0);
      if (step === 10) scheduler.submit(long.job);
    };
    scheduler.submit(answering.job);
    await Promise.all([answering.ended, long.ended]);
    const chunks = context.decodes.flatMap((decode) => decode.filter((item) => item.id === 1));
    expect(chunks.map(({ tokens, samples }) => [tokens, samples])).toEqual([
      [128, false],
      [128, false],
      [44, true],
      [1, true],
    ]);
    expect(context.decodes.slice(0, 34).every((decode) => decode[0]?.id === 0)).toBe(true);
  });

  it("makes further requests wait in order and gives out the lowest free id", async () => {
    const { scheduler, context } = setUp(2);
    const order: number[] = [];
    const runs = Array.from({ length: 5 }, (_, index) => {
      const made = run({ length: 2 });
      const { onStart } = made.job;
      made.job.onStart = (cached) => {
        order.push(index);
        onStart(cached);
      };
      return made;
    });
    for (const { job } of runs) scheduler.submit(job);
    expect(scheduler.queued).toBe(5);
    await Promise.all(runs.map(({ ended }) => ended));
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(context.aligned.map(({ id }) => id)).toEqual([0, 1, 0, 1, 0]);
  });

  it("frees the slot of an aborted request before the next step, for the one that waits", async () => {
    const { context, scheduler } = setUp(1);
    const first = run({ length: 1000 });
    const second = run({ length: 1 });
    scheduler.submit(first.job);
    scheduler.submit(second.job);
    context.onDecode = (step) => {
      if (step === 3) first.abort.abort(new Error("gone"));
    };
    expect(await first.ended).toBe("error");
    await second.ended;
    expect(first.error).toEqual(new Error("gone"));
    // The decode in which it was aborted is its last one, and its result is dropped.
    expect(first.tokens).toHaveLength(2);
    expect(context.decodes[3]).toEqual([{ id: 0, tokens: 3, samples: true }]);
    await scheduler.idle();
    expect({ busy: scheduler.busySlots, open: context.open.size }).toEqual({ busy: 0, open: 0 });
  });

  it("lets a waiting request go at once when it is aborted", async () => {
    const { scheduler } = setUp(1);
    const first = run({ length: 2 });
    const second = run({});
    scheduler.submit(first.job);
    scheduler.submit(second.job);
    second.abort.abort(new Error("gone"));
    expect(scheduler.queued).toBe(1);
    expect(await second.ended).toBe("error");
    expect(await first.ended).toBe("end");
    expect(second.cached).toBeNull();
  });

  it("evaluates only what differs from a warm state, and always the last prompt token", async () => {
    const { context, scheduler } = setUp(2);
    const prompt = Array.from({ length: 60 }, (_, index) => index + 1);
    const first = run({ prompt, length: 1 });
    scheduler.submit(first.job);
    await first.ended;
    const again = run({ prompt, length: 1 });
    scheduler.submit(again.job);
    await again.ended;
    const turn = run({ prompt: [...prompt, 1001, 7, 8], length: 1 });
    scheduler.submit(turn.job);
    await turn.ended;
    // The first answer's token is in the state too: it was evaluated for the end of the turn.
    expect([first.cached, again.cached, turn.cached]).toEqual([0, 59, 61]);
    expect(context.decodes.map((decode) => decode[0]?.tokens)).toEqual([60, 1, 1, 1, 2, 1]);
  });

  it("evaluates everything anew where reuse is not wanted", async () => {
    const { scheduler } = setUp(1);
    const prompt = Array.from({ length: 40 }, (_, index) => index + 1);
    const first = run({ prompt });
    scheduler.submit(first.job);
    await first.ended;
    const second = run({ prompt });
    second.job.mayReusePrefix = false;
    scheduler.submit(second.job);
    await second.ended;
    expect(second.cached).toBe(0);
  });

  it("leaves a slot out while its reader is behind, and goes on when it has caught up", async () => {
    const { context, scheduler } = setUp(2);
    let isPaused = false;
    const slow = run({ length: 4, isPaused: () => isPaused, onToken: (count) => (isPaused = count === 2) });
    const other = run({ length: 6 });
    scheduler.submit(slow.job);
    scheduler.submit(other.job);
    expect(await other.ended).toBe("end");
    await scheduler.idle();
    expect(slow.tokens).toHaveLength(2);
    expect(context.decodes.at(-1)?.map((item) => item.id)).toEqual([1]);
    isPaused = false;
    scheduler.wake();
    expect(await slow.ended).toBe("end");
    expect(slow.tokens).toHaveLength(4);
  });

  it("fails one request alone when its decode fails, and forgets its state", async () => {
    const { context, scheduler } = setUp(2);
    const first = run({ length: 5 });
    const second = run({ length: 5 });
    context.onDecode = (step) => {
      if (step === 2) context.failing.add(0);
    };
    scheduler.submit(first.job);
    scheduler.submit(second.job);
    expect(await Promise.all([first.ended, second.ended])).toEqual(["error", "end"]);
    expect(first.error).toMatchObject({ code: "internal" });
    expect(context.states[0]).toEqual([]);
  });

  it("serves every request of a random crowd, with and without aborts", async () => {
    const crowd = fc.array(
      fc.record({
        prompt: fc.integer({ min: 1, max: 120 }),
        length: fc.integer({ min: 0, max: 12 }),
        limit: fc.integer({ min: 1, max: 12 }),
        abortAt: fc.option(fc.integer({ min: 1, max: 20 })),
        submitAt: fc.integer({ min: 0, max: 10 }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), crowd, async (slots, requests) => {
        const { context, scheduler } = setUp(slots, (ids) => [...ids].reverse());
        const runs = requests.map(({ prompt, length, limit }) => run({ prompt, length, limit }));
        const pending = new Set(requests.keys());
        const submit = (index: number): void => {
          const { job } = runs[index] ?? {};
          if (pending.delete(index) && job !== undefined) scheduler.submit(job);
        };
        context.onDecode = (step) => {
          for (const [index, request] of requests.entries()) {
            if (request.submitAt <= step) submit(index);
            if (request.abortAt === step) runs[index]?.abort.abort(new Error("gone"));
          }
        };
        for (const index of requests.keys()) {
          // Only when nothing is left to do; otherwise a step has submitted it.
          if (pending.has(index)) submit(index);
          await scheduler.idle();
        }
        await Promise.all(runs.map(({ ended }) => ended));
        await scheduler.idle();
        expect({ busy: scheduler.busySlots, queued: scheduler.queued, open: context.open.size }).toEqual({
          busy: 0,
          queued: 0,
          open: 0,
        });
        for (const decode of context.decodes) {
          const ids = decode.map((item) => item.id);
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
          expect(decode.reduce((sum, item) => sum + item.tokens, 0)).toBeLessThanOrEqual(limits.batchTokens);
        }
      }),
      { numRuns: 100 },
    );
  });
});
