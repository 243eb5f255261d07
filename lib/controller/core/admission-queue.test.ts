import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdmissionQueue, batchTurn, type FreeWorker } from "./admission-queue";
import type { LineRequest } from "./types";
import { type Waiter, waiterOf } from "./waiting-line";

let serial = 0;

function request(changes: Partial<LineRequest> = {}): LineRequest {
  serial += 1;
  return {
    model: "demo",
    tried: new Set(),
    priority: "batch",
    serial,
    enteredAt: serial,
    deadlineAt: serial + 1_000,
    ...changes,
  };
}

function queueOf(limit = 1_000, headStartMs: (model: string) => number = () => 0): AdmissionQueue<string> {
  return new AdmissionQueue({ limit, headStartMs });
}

function enter(queue: AdmissionQueue<string>, name: string, changes: Partial<LineRequest> = {}) {
  const waiter = waiterOf(request(changes), name);
  return { waiter, isIn: queue.enter(waiter) };
}

const workerOf = (...models: string[]): FreeWorker => ({
  record: { models: models.map((name) => ({ name })) },
  interactiveStreak: 0,
});

const all = () => true;

function drain(
  queue: AdmissionQueue<string>,
  worker: FreeWorker,
  accepts: (w: Waiter<string>) => boolean = all,
) {
  const names: string[] = [];
  for (let next = queue.next(worker, all, accepts); next !== null; next = queue.next(worker, all, accepts)) {
    names.push(next.holder);
  }
  return names;
}

describe("the order", () => {
  it("is by arrival within a class, people before programs, and a program at every eighth place", () => {
    const queue = queueOf();
    for (let i = 1; i <= 3; i += 1) enter(queue, `b${i}`);
    for (let i = 1; i <= 16; i += 1) enter(queue, `i${i}`, { priority: "interactive" });
    const order = drain(queue, workerOf("demo"));
    const expected = [
      ...[1, 2, 3, 4, 5, 6, 7].map((i) => `i${i}`),
      "b1",
      ...[8, 9, 10, 11, 12, 13, 14].map((i) => `i${i}`),
      "b2",
      "i15",
      "i16",
      "b3",
    ];
    expect(order).toEqual(expected);
    expect(batchTurn).toBe(8);
  });

  it("lets others pass who may go to this worker where the first may not", () => {
    const queue = queueOf();
    enter(queue, "tried here", { tried: new Set(["w"]) });
    enter(queue, "may go");
    expect(drain(queue, workerOf("demo"), ({ request: { tried } }) => !tried.has("w"))).toEqual(["may go"]);
    expect(queue.size).toBe(1);
  });

  it("gives a request that comes back from a worker the place of its arrival", () => {
    const queue = queueOf();
    const early = request();
    enter(queue, "later");
    enter(queue, "latest");
    queue.enter(waiterOf(early, "early"));
    expect(drain(queue, workerOf("demo"))).toEqual(["early", "later", "latest"]);
  });

  it("is by arrival over the models of a worker, corrected by their head starts", () => {
    const queue = queueOf(10, (model) => (model === "favoured" ? 2_000 : 0));
    enter(queue, "plain 0", { model: "plain", enteredAt: 0 });
    enter(queue, "favoured 1", { model: "favoured", enteredAt: 1_000 });
    enter(queue, "other", { model: "other" });
    enter(queue, "plain 4", { model: "plain", enteredAt: 4_000 });
    enter(queue, "favoured 7", { model: "favoured", enteredAt: 7_000 });
    const order = ["favoured 1", "plain 0", "plain 4", "favoured 7"];
    expect(drain(queue, workerOf("plain", "favoured"))).toEqual(order);
  });

  it("skips the whole line of a model that takes nothing now", () => {
    const queue = queueOf();
    enter(queue, "full", { model: "full" });
    enter(queue, "free", { model: "free" });
    const worker = workerOf("full", "free");
    expect(queue.next(worker, (name) => name !== "full", all)?.holder).toBe("free");
    expect(queue.next(worker, (name) => name !== "full", all)).toBeNull();
  });
});

describe("the limits", () => {
  it("hold for each model; programs fill three quarters at most", () => {
    const queue = queueOf(8);
    const entered = Array.from({ length: 8 }, (_, i) => enter(queue, `b${i}`).isIn);
    expect(entered).toEqual([true, true, true, true, true, true, false, false]);
    const people = Array.from({ length: 3 }, () => enter(queue, "i", { priority: "interactive" }).isIn);
    expect(people).toEqual([true, true, false]);
    expect(enter(queue, "x", { model: "other" }).isIn).toBe(true);
    expect(queue.lengths()).toEqual({ interactive: 2, batch: 7 });
  });

  it("give a place back at once when somebody leaves", () => {
    const queue = queueOf(1);
    const { waiter } = enter(queue, "first");
    expect(enter(queue, "second").isIn).toBe(false);
    expect([queue.leave(waiter), queue.leave(waiter)]).toEqual([true, false]);
    expect(enter(queue, "third").isIn).toBe(true);
  });

  it("of time take out those who are over it, and name the next one", () => {
    const queue = queueOf();
    for (const deadlineAt of [10, 20]) enter(queue, `b${deadlineAt}`, { deadlineAt });
    enter(queue, "i15", { priority: "interactive", deadlineAt: 15 });
    expect(queue.nextDeadline()).toBe(10);
    expect(
      queue
        .expire(15)
        .map(({ holder }) => holder)
        .sort(),
    ).toEqual(["b10", "i15"]);
    expect(queue.nextDeadline()).toBe(20);
    queue.expire(20);
    expect([queue.nextDeadline(), queue.size]).toEqual([null, 0]);
  });
});

describe("what those in line are told", () => {
  it("is how many are before them", () => {
    const queue = queueOf();
    enter(queue, "b1");
    enter(queue, "i1", { priority: "interactive" });
    enter(queue, "b2");
    const positions = [...queue.positions("demo")].map(({ waiter, ahead }) => [waiter.holder, ahead]);
    expect(positions).toEqual([
      ["i1", 0],
      ["b1", 1],
      ["b2", 2],
    ]);
  });

  it("is a time to come back that follows the line's pace", () => {
    const queue = queueOf();
    expect(queue.retryAfterSeconds("demo", 0)).toBe(5);
    for (let i = 0; i < 30; i += 1) queue.countGranted("demo", i * 100);
    for (let i = 0; i < 9; i += 1) enter(queue, `b${i}`);
    // One a second lately, ten with the newcomer.
    expect(queue.retryAfterSeconds("demo", 3_000)).toBe(10);
    for (let i = 0; i < 200; i += 1) enter(queue, `c${i}`);
    expect(queue.retryAfterSeconds("demo", 3_000)).toBe(60);
  });
});

describe("a busy worker", () => {
  const arrivals = fc.array(
    fc.record({
      isBatch: fc.boolean(),
      leaves: fc.boolean(),
      served: fc.nat(2),
    }),
    { maxLength: 150 },
  );

  it("serves everyone who stays exactly once, in order within a class, and no program waits for more than its turns", () => {
    fc.assert(
      fc.property(arrivals, (steps) => {
        const queue = queueOf();
        const worker = workerOf("demo");
        const waiting = { interactive: [] as string[], batch: [] as string[] };
        let sinceBatch = 0;
        const serve = (): void => {
          const next = queue.next(worker, all, all);
          if (next === null) {
            expect([...waiting.interactive, ...waiting.batch]).toEqual([]);
            return;
          }
          const { priority } = next.request;
          expect(next.holder).toBe(waiting[priority].shift());
          sinceBatch = priority === "batch" || waiting.batch.length === 0 ? 0 : sinceBatch + 1;
          expect(sinceBatch).toBeLessThan(batchTurn);
        };
        for (const [i, { isBatch, leaves, served }] of steps.entries()) {
          const priority = isBatch ? "batch" : "interactive";
          const { waiter } = enter(queue, `${i}`, { priority });
          if (leaves) queue.leave(waiter);
          else waiting[priority].push(`${i}`);
          for (let n = 0; n < served; n += 1) serve();
          expect(queue.lengths()).toEqual({
            interactive: waiting.interactive.length,
            batch: waiting.batch.length,
          });
        }
        while (queue.size > 0) serve();
        serve();
      }),
    );
  });
});
