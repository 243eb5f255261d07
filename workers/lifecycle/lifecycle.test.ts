import pino from "pino";
import { describe, expect, it, vi } from "vitest";
import { AppError } from "@/lib/errors";
import type { HeartbeatRequest, RegisterRequest, WorkerOrder } from "@/lib/protocol";
import { busyMachine, eventually } from "../test-support";
import type { ControllerClient } from "./controller-client";
import { Lifecycle } from "./lifecycle";

vi.setConfig(busyMachine);

const registration: RegisterRequest = {
  instanceId: "0199d0a0-0000-7000-8000-000000000001",
  url: "http://127.0.0.1:1",
  engine: "mock",
  version: "1",
  device: "none",
  slots: 1,
  models: [
    {
      name: "m",
      displayName: "M",
      organization: null,
      licence: null,
      contextLength: 1,
      capabilities: ["chat"],
      tags: [],
    },
  ],
};

/** A controller whose answers are scripted; `seen` is what it was asked, in order. */
function scripted(answers: {
  register?: (AppError | null)[];
  heartbeat?: (AppError | null)[];
  /** What each heartbeat is answered with; the last one goes on. */
  orders?: WorkerOrder[];
}) {
  const seen: string[] = [];
  let registrations = 0;
  const next = (list: (AppError | null)[] | undefined): void => {
    const error = list?.shift();
    if (error instanceof AppError) throw error;
  };
  const client: ControllerClient = {
    async register(request) {
      seen.push(`register ${request.instanceId.slice(-1)}`);
      next(answers.register);
      registrations++;
      return { workerId: `w${registrations}`, secret: `s${registrations}`, heartbeatMs: 1 };
    },
    async heartbeat(workerId, secret, _report: HeartbeatRequest) {
      seen.push(`heartbeat ${workerId} ${secret}`);
      next(answers.heartbeat);
      const { orders = [] } = answers;
      const order = orders.length > 1 ? orders.shift() : orders[0];
      return order === undefined ? { heartbeatMs: 1 } : { heartbeatMs: 1, order };
    },
    async leave(workerId, secret) {
      seen.push(`leave ${workerId} ${secret}`);
    },
  };
  const lifecycle = new Lifecycle({
    client,
    registration,
    report: () => ({ busySlots: 0, queued: 0, tokensPerSecond: null }),
    onOrder: (order) => seen.push(`order ${order}`),
    logger: pino({ level: "silent" }),
    backoff: { firstMs: 1, capMs: 2 },
  });
  return { seen, lifecycle };
}

const away = () => new AppError("upstream_failed");

describe("Lifecycle", () => {
  it("tries until the controller is there, then reports, then leaves", async () => {
    const { seen, lifecycle } = scripted({
      register: [away(), away(), new AppError("invalid_join_token"), null],
    });
    expect(lifecycle.secret).toBeNull();
    lifecycle.start();
    await eventually(() => seen.filter((line) => line === "heartbeat w1 s1").length).toBeGreaterThan(1);
    expect(seen.slice(0, 5)).toEqual([...Array.from({ length: 4 }, () => "register 1"), "heartbeat w1 s1"]);
    expect(lifecycle.secret).toBe("s1");
    await lifecycle.leave();
    expect(seen.at(-1)).toBe("leave w1 s1");
    expect(lifecycle.secret).toBe("s1");
  });

  it.each(["worker_unknown", "invalid_worker_secret", "invalid_api_key"] as const)(
    "registers again after %s",
    async (code) => {
      const { seen, lifecycle } = scripted({ heartbeat: [null, new AppError(code)] });
      lifecycle.start();
      await eventually(() => seen).toContain("heartbeat w2 s2");
      expect(seen.filter((line) => line.startsWith("register"))).toHaveLength(2);
      expect(lifecycle.secret).toBe("s2");
      await lifecycle.leave();
    },
  );

  it("leaves while it has nothing to offer, and registers what it offers then", async () => {
    const { seen, lifecycle } = scripted({ register: [away(), away()] });
    lifecycle.start();
    await eventually(() => seen).toContain("heartbeat w1 s1");
    lifecycle.offer(null);
    await eventually(() => seen.at(-1)).toBe("leave w1 s1");
    const before = seen.length;
    lifecycle.offer({ ...registration, instanceId: registration.instanceId.replace(/1$/, "7") });
    await eventually(() => seen).toContain("heartbeat w2 s2");
    expect(seen.slice(before, before + 2)).toEqual(["register 7", "heartbeat w2 s2"]);
    lifecycle.offer(null);
    await eventually(() => seen.at(-1)).toBe("leave w2 s2");
    await lifecycle.leave();
    expect(seen.filter((line) => line === "leave w2 s2")).toHaveLength(1);
  });

  it("registers a changed offer in place of the earlier one, without leaving", async () => {
    const { seen, lifecycle } = scripted({});
    lifecycle.start();
    await eventually(() => seen).toContain("heartbeat w1 s1");
    lifecycle.offer({ ...registration, instanceId: registration.instanceId.replace(/1$/, "7") });
    await eventually(() => seen).toContain("heartbeat w2 s2");
    expect(seen).toContain("register 7");
    expect(seen.some((line) => line.startsWith("leave"))).toBe(false);
    await lifecycle.leave();
  });

  it("hands on each order once, and none where the controller gives none", async () => {
    const orders: WorkerOrder[] = ["serving", "draining", "draining", "serving", "restarting"];
    const { seen, lifecycle } = scripted({ orders });
    lifecycle.start();
    await eventually(() => seen).toContain("order restarting");
    await lifecycle.leave();
    expect(seen.filter((line) => line.startsWith("order"))).toEqual([
      "order draining",
      "order serving",
      "order restarting",
    ]);
    const silent = scripted({});
    silent.lifecycle.start();
    await eventually(() => silent.seen.length).toBeGreaterThan(4);
    await silent.lifecycle.leave();
    expect(silent.seen.filter((line) => line.startsWith("order"))).toEqual([]);
  });

  it("keeps its registration while the controller is away", async () => {
    const { seen, lifecycle } = scripted({ heartbeat: [away(), away(), away(), null] });
    lifecycle.start();
    await eventually(() => seen.length).toBeGreaterThan(6);
    expect(seen.filter((line) => line.startsWith("register"))).toHaveLength(1);
    await lifecycle.leave();
  });

  it("leaves before it was ever registered", async () => {
    const { seen, lifecycle } = scripted({ register: Array.from({ length: 1000 }, away) });
    lifecycle.start();
    await eventually(() => seen.length).toBeGreaterThan(1);
    await lifecycle.leave();
    expect(seen).not.toContain("leave");
  });
});
