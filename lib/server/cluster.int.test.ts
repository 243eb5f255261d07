import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { processIsAlive } from "@/lib/db";

const fixture = fileURLToPath(new URL("testing/cluster-fixture.ts", import.meta.url));
let child: ChildProcess | null = null;

afterEach(() => {
  child?.kill("SIGKILL");
  child = null;
});

function start(...args: string[]): {
  child: ChildProcess;
  message: Promise<unknown>;
  exit: Promise<unknown[]>;
} {
  const started = spawn(process.execPath, ["--import", "tsx", fixture, ...args], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  child = started;
  return {
    child: started,
    message: once(started, "message").then(([message]) => message),
    exit: once(started, "exit"),
  };
}

/** A connection that was on its way to a process in the moment of its death has no answer; it must not hold the test. */
const get = async (url: string) => await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).text();

/** Which processes answer, in so many requests. */
async function answering(url: string): Promise<Set<string>> {
  const pids = new Set<string>();
  for (let i = 0; i < 9; i += 1) pids.add(await get(url));
  return pids;
}

describe("a cluster of server processes", () => {
  it("shares one port, adds up its metrics, replaces a process that dies, and stops as one", async () => {
    const { child: primary, message, exit } = start();
    const { url } = (await message) as { url: string };
    const first = await answering(url);
    expect(first.size).toBe(2);
    expect(first).not.toContain(String(primary.pid));

    const metrics = await get(`${url}/metrics`);
    expect(metrics).toMatch(/^answers_total 9$/m);
    expect(metrics).toMatch(/^seen_by_all 7$/m);

    const [victim = ""] = first;
    process.kill(Number(victim), "SIGKILL");
    await expect
      .poll(async () => [...(await answering(url))].filter((pid) => !first.has(pid)).length, {
        timeout: 20_000,
      })
      .toBe(1);
    const now = await answering(url);
    expect(now).not.toContain(victim);

    primary.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
    for (const pid of now) expect(processIsAlive(Number(pid))).toBe(false);
  });

  it("says why, and leaves nothing running, when its processes cannot serve", async () => {
    const { message, exit } = start("fail");
    expect(await message).toEqual({ type: "failed", message: "There is no port for this test." });
    expect(await exit).toEqual([1, null]);
  });

  it("ends with whoever started it", async () => {
    const { child: primary, message, exit } = start();
    const { url } = (await message) as { url: string };
    const pids = await answering(url);
    primary.disconnect();
    expect(await exit).toEqual([0, null]);
    for (const pid of pids) expect(processIsAlive(Number(pid))).toBe(false);
  });
});
