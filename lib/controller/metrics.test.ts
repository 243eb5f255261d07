import { text } from "node:stream/consumers";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import {
  answerOk,
  answerStatus,
  beginStream,
  dispatchRequest,
  registration,
  TestFleet,
  testJoinToken,
} from "./test-support";

const fleet = new TestFleet();

afterEach(() => fleet.close());

describe("the controller's metrics", () => {
  it("tell of claims, the line, refusals, retries, ejections and each worker", async () => {
    const metrics = new Registry();
    const controller = fleet.controller({ metrics, waitingAllowance: () => 0, queueLimit: 1 });
    const line = async (pattern: RegExp): Promise<string | undefined> =>
      pattern.exec(await metrics.metrics())?.[1];

    const failing = await fleet.worker(answerStatus(500));
    const { workerId: failed, secret } = await controller.register(testJoinToken, registration(failing.url));
    await fleet.register(controller, await fleet.worker(answerOk));
    const ask = async () => text((await controller.dispatch(dispatchRequest())).body);
    for (let i = 0; i < 6; i += 1) await ask();
    // A suspect by now, and tried no more until it reports.
    expect(failing.requests).toHaveLength(3);
    await controller.heartbeat(failed, secret, { busySlots: 0, queued: 0, tokensPerSecond: null });
    for (let i = 0; i < 6; i += 1) await ask();
    expect(failing.requests).toHaveLength(5);
    expect(await line(/^arena_worker_ejections_total (\d+)$/m)).toBe("1");
    expect(await line(/^arena_dispatch_retries_total (\d+)$/m)).toBe("5");
    expect(await line(/^arena_workers\{health="ejected"\} (\d+)$/m)).toBe("1");
    expect(await line(/^arena_dispatch_attempts_total\{outcome="error_status"\} (\d+)$/m)).toBe("5");
    expect(await line(/^arena_worker_first_byte_seconds_count (\d+)$/m)).toBe("12");
    // Also those whose end came together with their first byte.
    expect(await line(/^arena_worker_answers_total\{outcome="complete"\} (\d+)$/m)).toBe("12");
    expect(await line(new RegExp(`^arena_worker_slots_each\\{worker="${failed}"\\} (\\d+)$`, "m"))).toBe("4");
  });

  it("show who waits, how long the wait was, and who was refused", async () => {
    const metrics = new Registry();
    const controller = fleet.controller({ metrics, waitingAllowance: () => 0, queueLimit: 1 });
    const worker = await fleet.worker(beginStream);
    const { workerId, secret } = await controller.register(
      testJoinToken,
      registration(worker.url, { slots: 1 }),
    );
    await controller.heartbeat(workerId, secret, { busySlots: 3, queued: 0, tokensPerSecond: null });
    const first = await controller.dispatch(dispatchRequest());
    const second = controller.dispatch(dispatchRequest({ priority: "interactive" }));
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ status: 503 });
    const during = await metrics.metrics();
    expect(during).toMatch(/^arena_claims_open 1$/m);
    expect(during).toMatch(/^arena_queue_length\{model="demo",priority="interactive"\} 1$/m);
    expect(during).toMatch(/^arena_queue_length\{model="demo",priority="batch"\} 0$/m);
    expect(during).toMatch(/^arena_dispatch_refused_total\{reason="queue_full"\} 1$/m);
    expect(during).toContain(`arena_worker_busy_slots{worker="${workerId}"} 3`);
    expect(during).toContain(`arena_worker_claims_open{worker="${workerId}"} 1`);
    expect(during).toMatch(/^arena_registry_listener_connected 0$/m);
    first.body.destroy();
    (await second).body.destroy();
    expect(await metrics.metrics()).toMatch(/^arena_queue_wait_seconds_count\{priority="interactive"\} 1$/m);
  });
});
