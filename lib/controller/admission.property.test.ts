import { Readable } from "node:stream";
import fc from "fast-check";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Admission } from "./admission";
import { WorkerRegistry } from "./core/registry";
import { RetryBudget } from "./core/retry-budget";
import { workerRecord } from "./core/test-support";
import { defaultModelSettings, dispatchPolicyNames } from "./core/types";
import { type DispatchDeps, dispatch } from "./dispatch";
import { createControllerMetrics } from "./metrics";
import { WorkerFailure, type WorkerFailureKind, type WorkerRequest } from "./ports";
import { dispatchRequest } from "./test-support";

/**
 * Requests through admission and dispatch over workers that end them in every way, in every order. The transport is
 * played by hand; the promises in between run as they do in the server.
 */

/** Few, so that most requests wait. */
const slots = 1;
const allowance = 1;
const limited = 2;

const ending = fc.oneof(
  { weight: 15, arbitrary: fc.constant("done" as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<"error status" | "busy" | WorkerFailureKind>(
      "error status",
      "busy",
      "unreachable",
      "timeout",
      "broken",
    ),
  },
);

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      model: fc.constantFrom("demo", "demo", "demo", "limited", "limited", "unknown"),
      priority: fc.constantFrom("interactive" as const, "batch" as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("first byte" as const), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("end" as const), pick: fc.nat(), how: ending }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), pick: fc.nat() }) },
  fc.record({ do: fc.constant("leave" as const), id: fc.constantFrom("a", "b") }),
  fc.record({ do: fc.constant("register" as const), id: fc.constantFrom("a", "b", "c") }),
  fc.record({ do: fc.constant("heartbeat" as const), id: fc.constantFrom("a", "b", "c") }),
);

type Exchange = {
  worker: string;
  request: WorkerRequest;
  hasBegun: boolean;
  begin(): void;
  end(how: string): void;
};

class Bench {
  readonly registry: WorkerRegistry;
  readonly admission: Admission;
  readonly exchanges: Exchange[] = [];
  readonly outcomes: Promise<unknown>[] = [];
  readonly aborts: AbortController[] = [];
  settled = 0;
  readonly #deps: DispatchDeps;
  #now = 1_000;

  constructor(policy: (typeof dispatchPolicyNames)[number]) {
    const now = () => this.#now++;
    this.registry = new WorkerRegistry({ heartbeatMs: 1e9, waitingAllowance: () => allowance, policy });
    this.registry.applySettings(new Map([["limited", { ...defaultModelSettings, maxConcurrent: limited }]]));
    const metrics = createControllerMetrics(new Registry(), {
      workers: () => [],
      openClaims: () => 0,
      lines: () => this.admission.lines(),
      isFeedUp: () => null,
      isStoreReachable: () => true,
    });
    const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { registry } = this;
    this.admission = new Admission({ registry, queueLimit: 6, deadlineMs: 1e9, metrics, logger, now });
    this.#deps = {
      registry,
      admission: this.admission,
      budget: new RetryBudget({ floor: 5 }),
      metrics,
      logger,
      now,
      onUnreachable: () => undefined,
      client: {
        send: (request) => this.#send(request),
        probe: async () => false,
        forget: () => undefined,
        cutOff: () => undefined,
        close: async () => undefined,
      },
    };
    for (const id of ["a", "b"]) this.register(id);
  }

  register(id: string): void {
    this.#now += 1;
    const at = this.#now;
    const models = ["demo", "limited"];
    this.registry.register(workerRecord(id, { slots, models, registeredAt: at, heartbeatAt: at }));
    this.admission.refill();
  }

  leave(id: string): void {
    this.registry.leave(id, this.#now);
    this.admission.refill();
  }

  heartbeat(id: string): void {
    this.registry.heartbeat(id, { busySlots: 0, queued: 0, tokensPerSecond: null }, this.#now);
    this.admission.refill();
  }

  request(model: string, priority: "interactive" | "batch"): void {
    const abort = new AbortController();
    this.aborts.push(abort);
    const outcome = dispatch(this.#deps, dispatchRequest({ model, priority, signal: abort.signal }));
    this.outcomes.push(
      outcome.then(
        () => (this.settled += 1),
        () => (this.settled += 1),
      ),
    );
  }

  /** As the real client does: settles exactly once, by whichever comes first. */
  #send(request: WorkerRequest): Promise<{ status: number } & never> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const body = new Readable({ read: () => undefined });
      body.on("error", () => undefined);
      const settle = (failure: WorkerFailure | null): void => {
        if (isOver) return;
        isOver = true;
        this.exchanges.splice(this.exchanges.indexOf(exchange), 1);
        request.signal.removeEventListener("abort", onAbort);
        request.onSettled(failure);
      };
      const fail = (kind: WorkerFailureKind): void => {
        const failure = new WorkerFailure(kind, new Error(kind));
        settle(failure);
        if (exchange.hasBegun) body.destroy(failure);
        else reject(failure);
      };
      const onAbort = (): void => fail("aborted");
      const answer = (status: number): void => {
        exchange.hasBegun = true;
        const rest = { contentLength: null, retryAfterSeconds: null, isEmpty: false, whole: null, body };
        resolve({ status, contentType: "text/plain", ...rest } as never);
      };
      const exchange: Exchange = {
        worker: request.worker.id,
        request,
        hasBegun: false,
        begin: () => {
          if (!exchange.hasBegun) answer(200);
        },
        end: (how) => {
          if (how === "done" || how === "error status" || how === "busy") {
            const status = how === "done" ? 200 : how === "busy" ? 503 : 500;
            settle(null);
            if (!exchange.hasBegun) answer(status);
          } else fail(how as WorkerFailureKind);
        },
      };
      this.exchanges.push(exchange);
      if (request.signal.aborted) onAbort();
      else request.signal.addEventListener("abort", onAbort);
    });
  }

  check(): void {
    const now = this.#now;
    for (const { record, outstanding, health } of this.registry.list(now)) {
      // Every open exchange holds a claim; a place that was given to somebody in line is on its way to one.
      const open = this.exchanges.filter(({ worker }) => worker === record.id).length;
      expect(outstanding).toBe(open);
      expect(open).toBeLessThanOrEqual(slots + allowance);
      const waiting = this.admission.lengths.interactive + this.admission.lengths.batch;
      const isModelFree = (this.registry.model("limited")?.outstanding ?? 0) < limited;
      // Nobody waits while there is room at a worker that nobody in line can have tried.
      if (health === "healthy" && waiting > 0 && isModelFree && !this.everFailed.has(record.id)) {
        expect(open).toBe(slots + allowance);
      }
    }
    expect(this.registry.model("limited")?.outstanding).toBeLessThanOrEqual(limited);
  }

  /** Workers that have failed a request, so that one in line may not go there again. */
  readonly everFailed = new Set<string>();
}

/** Lets all promises that can go on go on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe.each(dispatchPolicyNames)("dispatch with %s", (policy) => {
  it("holds its bounds, loses no place and answers everyone, whatever ends the requests", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), async (steps) => {
        const bench = new Bench(policy);
        for (const at of steps) {
          if (at.do === "request") bench.request(at.model, at.priority);
          else if (at.do === "first byte")
            bench.exchanges[at.pick % Math.max(bench.exchanges.length, 1)]?.begin();
          else if (at.do === "end") {
            const exchange = bench.exchanges[at.pick % Math.max(bench.exchanges.length, 1)];
            if (exchange !== undefined && at.how !== "done") bench.everFailed.add(exchange.worker);
            exchange?.end(at.how);
          } else if (at.do === "abort") bench.aborts[at.pick % Math.max(bench.aborts.length, 1)]?.abort();
          else if (at.do === "leave") bench.leave(at.id);
          else if (at.do === "register") bench.register(at.id);
          else bench.heartbeat(at.id);
          await turn();
          bench.check();
        }
        for (const abort of bench.aborts) abort.abort();
        await turn();
        expect(bench.registry.openClaims).toBe(0);
        expect(bench.exchanges).toEqual([]);
        expect(bench.admission.lengths).toEqual({ interactive: 0, batch: 0 });
        expect(bench.settled).toBe(bench.outcomes.length);
        bench.admission.close();
      }),
      { numRuns: 60 },
    );
  });
});
