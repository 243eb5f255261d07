import { describe, expect, it, vi } from "vitest";
import { childEnv } from "@/lib/env";
import { busyMachine, eventually } from "../test-support";
import { Fleet } from "./fleet";

vi.setConfig(busyMachine);

/** Serves until SIGTERM, and then exits with `code`. */
const serving = (code = 0) => `
  process.on("SIGTERM", () => process.exit(${code}));
  process.on("disconnect", () => process.exit(${code}));
  process.send({ type: "ready", models: ["m"], url: "http://127.0.0.1:1" });
  setInterval(() => undefined, 1000);`;

const failing = `
  console.error("The model is missing.");
  process.send({ type: "failed", message: "The model is missing." }, () => process.exit(1));`;

function setUp(scripts: readonly string[]) {
  const events: unknown[] = [];
  const fleet = new Fleet(
    scripts.map((script, index) => ({ title: `GPU ${index}`, args: ["-e", script], env: childEnv({}) })),
    {
      backoffMs: () => 0,
      report: (line) => events.push(line),
      onReady: (models, url) => events.push(["ready", models, url]),
      onFailed: (message) => events.push(["failed", message]),
    },
  );
  return { fleet, events };
}

describe("Fleet", () => {
  it("is ready when all are, hands the end on to all, and ends with the worst of their codes", async () => {
    const { fleet, events } = setUp([serving(0), serving(3)]);
    const code = fleet.run();
    await eventually(() => events).toEqual([["ready", ["m"], "http://127.0.0.1:1"]]);
    fleet.terminate();
    expect(await code).toBe(3);
  });

  it("starts one again that dies after it has served", async () => {
    // The second one dies when it has served, each time.
    const dying = `${serving()} setImmediate(() => process.kill(process.pid, "SIGKILL"));`;
    const { fleet, events } = setUp([serving(), dying]);
    const code = fleet.run();
    const ends = () =>
      events.filter((event) =>
        /^GPU 1 ended unexpectedly \(signal SIGKILL\); it starts again/.test(String(event)),
      );
    await eventually(() => ends().length).toBeGreaterThanOrEqual(2);
    fleet.terminate();
    await code;
  });

  it("stops all when one cannot run, and says why", async () => {
    const { fleet, events } = setUp([serving(), failing]);
    expect(await fleet.run()).toBe(1);
    expect(events).toContain("GPU 1: The model is missing.");
    expect(events).toContainEqual(["failed", "GPU 1: The model is missing."]);
  });

  it("lets one go that somebody has stopped, and ends all when nobody listens any more", async () => {
    // Deaf to the signal at the end, which may come before it has gone by itself.
    const leaving = `process.on("SIGTERM", () => undefined); process.send({ type: "ready", models: ["m"], url: "http://127.0.0.1:1" }, () => process.exit(0));`;
    const { fleet, events } = setUp([leaving, serving()]);
    const code = fleet.run();
    await eventually(() => events.length).toBe(1);
    fleet.disconnect();
    expect(await code).toBe(0);
    expect(events).toEqual([["ready", ["m"], "http://127.0.0.1:1"]]);
  });
});
