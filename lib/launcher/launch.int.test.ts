import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, inject, it, vi } from "vitest";
import { processIsAlive } from "@/lib/db";
import { childEnv } from "@/lib/env";

const fixture = (name: string): string => fileURLToPath(new URL(`testing/${name}.ts`, import.meta.url));

let folder: string;
let launchers: Launcher[];

beforeEach(async () => {
  folder = await mkdtemp(join(inject("scratch"), "launch-"));
  launchers = [];
  for (const name of ["demo-a-q8_0.gguf", "demo-b-q8_0.gguf", "demo-b-pirate-lora.gguf", "CARD.md"]) {
    await writeFile(join(folder, name), "");
  }
});
afterEach(async () => {
  for (const launcher of launchers) await launcher.end();
  await rm(folder, { recursive: true, force: true });
});

type Launcher = {
  child: ChildProcess;
  output: () => string;
  prints: (text: string | RegExp) => Promise<void>;
  exit: Promise<number | null>;
  end: () => Promise<void>;
};

type Modes = { server?: string; worker?: string; env?: Record<string, string> };

function startLauncher({ server = "serve", worker = "serve", env = {} }: Modes = {}): Launcher {
  const args = [fixture("child-fixture"), join(folder, "events"), server, worker, folder];
  const child = spawn(process.execPath, ["--import", "tsx", fixture("launch-fixture"), ...args], {
    env: childEnv({ PORT: "0", ARENA_DATA_DIR: join(folder, "data"), DATABASE_URL: undefined, ...env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const exit = once(child, "close").then(([code]) => code as number | null);
  const launcher: Launcher = {
    child,
    output: () => output,
    prints: (text) => vi.waitFor(() => expect(output).toMatch(text), { timeout: 30_000, interval: 20 }),
    exit,
    end: async () => {
      child.kill("SIGTERM");
      await exit;
    },
  };
  launchers.push(launcher);
  return launcher;
}

const ready = /Chat Arena is ready at (http\S+) after/;

async function events(): Promise<string[]> {
  return (await readFile(join(folder, "events"), "utf8")).trimEnd().split("\n");
}

async function childPids(): Promise<number[]> {
  return (await events()).flatMap((event) => /pid (\d+)/.exec(event)?.[1] ?? []).map(Number);
}

async function postgresPid(): Promise<number> {
  return Number((await readFile(join(folder, "data/postgres/postmaster.pid"), "utf8")).split("\n")[0]);
}

it("starts server and workers, and at SIGTERM drains them before the database stops", async () => {
  const launcher = startLauncher();
  await launcher.prints(ready);
  const url = ready.exec(launcher.output())?.[1];
  const noted = await events();
  expect(noted).toContain(`server ready ${url}`);
  expect(noted).toContain(`demo-a-q8_0.gguf ready ${url}`);
  expect(noted).toContain(`demo-b-q8_0.gguf ready ${url}`);
  expect(noted.join()).not.toContain("lora");
  const answer = await (await fetch(`${url}/`)).json();
  const secrets = JSON.parse(await readFile(join(folder, "data/secrets.json"), "utf8"));
  expect(answer).toMatchObject({ secret: secrets.secret, database: expect.stringContaining("127.0.0.1") });

  const pids = [...(await childPids()), await postgresPid()];
  expect(pids.every(processIsAlive)).toBe(true);
  launcher.child.kill("SIGTERM");
  // As npm and a terminal do together.
  launcher.child.kill("SIGINT");
  expect(await launcher.exit).toBe(0);
  expect(pids.some(processIsAlive)).toBe(false);
  const ended = await events();
  expect(ended).toContain("server drained");
  expect(ended.filter((event) => event.endsWith("SIGTERM"))).toHaveLength(3);
  expect(ended.filter((event) => event.endsWith("SIGINT"))).toEqual([]);
});

it("needs no join token for all workers, but then starts none for the bundled models", async () => {
  const refused = startLauncher({ env: { ARENA_JOIN_TOKEN: "off" } });
  expect(await refused.exit).toBe(1);
  expect(refused.output()).toContain("Set ARENA_DEMO_WORKERS=0 too.");
  const alone = startLauncher({ env: { ARENA_JOIN_TOKEN: "off", ARENA_DEMO_WORKERS: "0" } });
  await alone.prints(ready);
  expect((await events()).join()).not.toContain("demo-");
});

it("refuses to run twice on one data folder, and names the process", async () => {
  const first = startLauncher();
  await first.prints(ready);
  const second = startLauncher();
  expect(await second.exit).toBe(1);
  expect(second.output()).toBe(
    `Chat Arena already runs on ${join(folder, "data")} (process ${first.child.pid}). Stop it, or set ARENA_DATA_DIR and PORT for a second one.\n`,
  );
});

it("starts a crashed server again", async () => {
  const launcher = startLauncher();
  await launcher.prints(ready);
  const url = ready.exec(launcher.output())?.[1];
  await expect(fetch(`${url}/crash`)).rejects.toThrow();
  await launcher.prints("The server ended unexpectedly (exit code 7); it starts again in 0.5 s.");
  await launcher.prints("The server is back.");
  expect((await fetch(`${url}/`)).ok).toBe(true);
  launcher.child.kill("SIGTERM");
  expect(await launcher.exit).toBe(0);
});

it.each([
  ["broken", "The worker for demo-a: demo-a-q8_0.gguf is not a GGUF file."],
  ["dies", "The worker for demo-a ended before it was ready (exit code 3)."],
])("a worker that %s ends everything with its sentence", async (worker, sentence) => {
  await rm(join(folder, "demo-b-q8_0.gguf"));
  const launcher = startLauncher({ worker });
  expect(await launcher.exit).toBe(1);
  expect(launcher.output()).toContain(sentence);
  expect((await childPids()).some(processIsAlive)).toBe(false);
  await expect(postgresPid()).rejects.toThrow("ENOENT");
});

it("a second signal a second later does not wait for a child that does not end", async () => {
  const launcher = startLauncher({ worker: "stubborn" });
  await launcher.prints(ready);
  launcher.child.kill("SIGINT");
  await vi.waitFor(async () =>
    expect((await events()).filter((event) => event.endsWith("SIGTERM"))).toHaveLength(3),
  );
  const repeat = setInterval(() => launcher.child.kill("SIGINT"), 200);
  expect(await launcher.exit).toBe(0);
  clearInterval(repeat);
  expect((await childPids()).some(processIsAlive)).toBe(false);
});

it("takes everything with it when it is killed", async () => {
  const launcher = startLauncher();
  await launcher.prints(ready);
  const pids = [...(await childPids()), await postgresPid()];
  launcher.child.kill("SIGKILL");
  await launcher.exit;
  await vi.waitFor(() => expect(pids.some(processIsAlive)).toBe(false), { timeout: 20_000 });
  expect((await events()).filter((event) => event.endsWith("orphaned"))).toHaveLength(3);

  const next = startLauncher();
  await next.prints(ready);
  next.child.kill("SIGTERM");
  expect(await next.exit).toBe(0);
});

it("stops everything when the database dies", async () => {
  const launcher = startLauncher();
  await launcher.prints(ready);
  const pids = await childPids();
  process.kill(await postgresPid(), "SIGKILL");
  expect(await launcher.exit).toBe(1);
  expect(launcher.output()).toContain("PostgreSQL ended unexpectedly; everything stops.");
  expect(pids.some(processIsAlive)).toBe(false);
});

it("says so when DATABASE_URL leads nowhere, and starts nothing", async () => {
  const launcher = startLauncher({ env: { DATABASE_URL: "postgresql://user:secret@127.0.0.1:1/arena" } });
  expect(await launcher.exit).toBe(1);
  expect(launcher.output()).toContain("The database at 127.0.0.1:1 (DATABASE_URL) cannot be reached: ");
  expect(launcher.output()).not.toContain("secret@");
  await expect(readFile(join(folder, "events"))).rejects.toThrow("ENOENT");
});
