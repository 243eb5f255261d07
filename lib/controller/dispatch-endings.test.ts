import { once } from "node:events";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import {
  answerOk,
  beginStream,
  dispatchRequest,
  healths,
  outstanding,
  registration,
  type Script,
  TestFleet,
  testJoinToken,
} from "./test-support";

const fleet = new TestFleet();

afterEach(() => fleet.close());

describe("a failure after the first byte", () => {
  it.each<[string, (response: Parameters<Script>[0]) => void]>([
    ["reset", (response) => response.socket?.resetAndDestroy()],
    ["half-close", (response) => response.socket?.end()],
    ["broken framing", (response) => response.socket?.write("not a chunk\r\n")],
  ])("errors the body with upstream_failed: %s", async (_name, fail) => {
    const controller = fleet.controller();
    const other = await fleet.worker(answerOk);
    await fleet.register(
      controller,
      await fleet.worker((response, scripted, number) => {
        beginStream(response, scripted, number);
        setImmediate(() => fail(response));
      }),
      other,
    );
    const answer = await controller.dispatch(dispatchRequest());
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(outstanding(controller)).toEqual([0, 0]);
    expect(other.requests).toEqual([]);
  });

  it.each([
    ["is held until it is whole", 100],
    ["is too long to be held", 100_000],
  ])(
    "errors the body when the answer is shorter than its content-length: one that %s",
    async (_name, length) => {
      const controller = fleet.controller();
      const cutsShort: Script = (response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": length });
        response.write('{"half":');
        setImmediate(() => response.socket?.end());
      };
      const workers = [await fleet.worker(cutsShort), await fleet.worker(cutsShort)];
      for (const worker of workers) await fleet.register(controller, worker);
      const answer = await controller.dispatch(dispatchRequest());
      expect(answer.whole).toBeNull();
      await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
      // It had begun, so nobody else was asked.
      expect(workers.flatMap(({ requests }) => requests)).toHaveLength(1);
      expect(outstanding(controller)).toEqual([0, 0]);
    },
  );

  it("aborts a short answer that has half come: the body errors with the reason", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      response.write('{"half":');
    });
    await fleet.register(controller, worker);
    const abort = new AbortController();
    const pending = controller.dispatch(dispatchRequest({ signal: abort.signal }));
    await expect.poll(() => worker.open.size).toBe(1);
    abort.abort(new Error("enough"));
    // Whether its first bytes had come by then is for the machine to say.
    await expect(pending.then(({ body }) => text(body))).rejects.toThrow("enough");
    expect(outstanding(controller)).toEqual([0]);
    await expect.poll(() => worker.open.size).toBe(0);
  });

  it("errors the body with upstream_timeout when the stream stalls, and hangs up on the worker", async () => {
    const controller = fleet.controller({ upstreamTimeoutMs: 200 });
    const worker = await fleet.worker(beginStream);
    await fleet.register(controller, worker);
    const answer = await controller.dispatch(dispatchRequest());
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(outstanding(controller)).toEqual([0]);
    await expect.poll(() => worker.open.size).toBe(0);
  });
});

describe("the caller ends it", () => {
  it("while the worker is thinking: rejects with the signal's reason and hangs up", async () => {
    const controller = fleet.controller();
    const abort = new AbortController();
    const reason = new Error("enough");
    const worker = await fleet.worker(() => abort.abort(reason));
    const other = await fleet.worker(answerOk);
    await fleet.register(controller, worker, other);
    await expect(controller.dispatch(dispatchRequest({ signal: abort.signal }))).rejects.toBe(reason);
    expect(outstanding(controller)).toEqual([0, 0]);
    expect(other.requests).toEqual([]);
    await expect.poll(() => worker.open.size).toBe(0);
    expect(Object.values(healths(controller))).toEqual(["healthy", "healthy"]);
  });

  it("while the connection is being made", async () => {
    const controller = fleet.controller();
    const abort = new AbortController();
    const worker = await fleet.worker(answerOk);
    await fleet.register(controller, worker);
    const answer = controller.dispatch(dispatchRequest({ signal: abort.signal }));
    expect(outstanding(controller)).toEqual([1]);
    abort.abort(new Error("enough"));
    expect(outstanding(controller)).toEqual([0]);
    await expect(answer).rejects.toThrow("enough");
    await text((await controller.dispatch(dispatchRequest())).body);
    expect(worker.requests).toHaveLength(1);
  });

  it("before it began", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker(answerOk);
    await fleet.register(controller, worker);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(controller.dispatch(dispatchRequest({ signal }))).rejects.toThrow("enough");
    expect(worker.requests).toEqual([]);
  });

  it("in the middle, by the signal: the body errors with the reason and only this answer ends", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker(beginStream);
    await fleet.register(controller, worker);
    const abort = new AbortController();
    const answer = await controller.dispatch(dispatchRequest({ signal: abort.signal }));
    const sibling = await controller.dispatch(dispatchRequest());
    expect(outstanding(controller)).toEqual([2]);
    abort.abort(new Error("enough"));
    expect(outstanding(controller)).toEqual([1]);
    await expect(text(answer.body)).rejects.toThrow("enough");
    await expect.poll(() => worker.open.size).toBe(1);
    sibling.body.destroy();
    await once(sibling.body, "close");
    expect(outstanding(controller)).toEqual([0]);
    await expect.poll(() => worker.open.size).toBe(0);
  });
});

describe("many at once", () => {
  it.each([
    ["no line, serves all that fit", 0, 10],
    ["a line, serves all", 30, 40],
    ["a line that is too short, serves those", 12, 22],
  ])(
    "never puts more on a worker than its bound; with %s, and comes back to zero",
    async (_name, queueLimit, expected) => {
      const controller = fleet.controller({ waitingAllowance: () => 2, queueLimit });
      let open = 0;
      let mostOpen = 0;
      const slow: Script = (response) => {
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        setImmediate(() => {
          open -= 1;
          response.writeHead(200, { "content-type": "application/json" }).end("{}");
        });
      };
      const workers = [await fleet.worker(slow), await fleet.worker(slow)];
      for (const { url } of workers)
        await controller.register(testJoinToken, registration(url, { slots: 3 }));
      const results = await Promise.allSettled(
        Array.from({ length: 40 }, async () => {
          const answer = await controller.dispatch(dispatchRequest({ priority: "interactive" }));
          return await text(answer.body);
        }),
      );
      const served = results.filter(({ status }) => status === "fulfilled").length;
      expect(served).toBe(expected);
      for (const result of results) {
        if (result.status === "rejected")
          expect(result.reason).toMatchObject({ code: "no_worker_available" });
      }
      expect(mostOpen).toBeLessThanOrEqual(10);
      expect(workers.reduce((sum, worker) => sum + worker.requests.length, 0)).toBe(expected);
      expect(outstanding(controller)).toEqual([0, 0]);
    },
  );

  it("keeps every stream's bytes apart and in order while workers fail and clients leave", async () => {
    const controller = fleet.controller({ waitingAllowance: () => 1000 });
    const script: Script = (response, { body }, number) => {
      if (number % 7 === 0) return void response.socket?.resetAndDestroy();
      const { tag } = JSON.parse(body) as { tag: number };
      response.writeHead(200, { "content-type": "text/event-stream" });
      let i = 0;
      const next = (): void => {
        if (i === 20) return void response.end();
        response.write(`${tag}:${i};`);
        i += 1;
        setImmediate(next);
      };
      next();
    };
    await fleet.register(
      controller,
      await fleet.worker(script),
      await fleet.worker(script),
      await fleet.worker(script),
    );
    await controller.start();
    await Promise.all(
      Array.from({ length: 60 }, async (_, tag) => {
        const abort = new AbortController();
        const body = JSON.stringify({ model: "demo", tag });
        // A worker that resets is out until it is probed, so now and then nobody is left; that is an honest answer.
        const answer = await controller
          .dispatch(dispatchRequest({ body, signal: abort.signal }))
          .catch((error: unknown) => {
            expect(error).toMatchObject({
              code: expect.stringMatching(/^(no_worker_available|upstream_failed)$/),
            });
            return null;
          });
        if (answer === null) return;
        if (tag % 5 === 0) return abort.abort();
        const expected = Array.from({ length: 20 }, (__, i) => `${tag}:${i};`).join("");
        expect(await text(answer.body)).toBe(expected);
      }),
    );
    expect(outstanding(controller)).toEqual([0, 0, 0]);
  });
});

describe("close", () => {
  it("refuses new requests and ends running answers", async () => {
    const controller = fleet.controller();
    await fleet.register(controller, await fleet.worker(beginStream));
    const answer = await controller.dispatch(dispatchRequest());
    const ended = expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
    await controller.close();
    await ended;
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "shutting_down" });
    expect(outstanding(controller)).toEqual([0]);
  });
});
