import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processIsAlive, takeLock } from "./process-lock";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-lock-"));
  path = join(folder, "run.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

it("is held once, names its holder, and leaves no file behind", async () => {
  const first = await takeLock(path);
  expect(first.held).toBe(true);
  expect(await takeLock(path)).toMatchObject({ held: false, holder: { pid: process.pid } });
  if (first.held) await first.release();
  expect(await readdir(folder)).toEqual([]);
});

it("goes to one of several takers in one process", async () => {
  const locks = await Promise.all(Array.from({ length: 8 }, () => takeLock(path)));
  expect(locks.filter((lock) => lock.held)).toHaveLength(1);
});

it("is taken over from a dead process", async () => {
  await writeFile(path, JSON.stringify({ pid: await deadPid(), begun: "" }));
  expect((await takeLock(path)).held).toBe(true);
});

it("is taken over when its number belongs to another process by now", async () => {
  await writeFile(path, JSON.stringify({ pid: process.pid, begun: "another boot/1" }));
  expect((await takeLock(path)).held).toBe(true);
});

it("is taken over from a file that nobody could have written", async () => {
  await writeFile(path, "half a li");
  expect((await takeLock(path)).held).toBe(true);
});

it("goes to exactly one of many that find it stale", { timeout: 60_000 }, async () => {
  await writeFile(path, JSON.stringify({ pid: await deadPid(), begun: "" }));
  const script = `import { takeLock } from ${JSON.stringify(new URL("./process-lock.ts", import.meta.url).href)};
    const lock = await takeLock(process.argv[1]);
    process.stdout.write(lock.held ? "held" : "refused");
    process.stdin.resume(); process.stdin.on("end", () => process.exit(0));`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, path]),
  );
  const answers = await Promise.all(
    children.map(async (child) => String((await once(child.stdout, "data"))[0])),
  );
  expect(answers.sort()).toEqual(["held", "refused", "refused", "refused"]);
  for (const child of children) child.stdin.end();
  await Promise.all(children.map((child) => once(child, "exit")));
});

it("of somebody else stays when we release", async () => {
  const lock = await takeLock(path);
  await writeFile(path, JSON.stringify({ pid: 1, begun: "x" }));
  if (lock.held) await lock.release();
  expect(await readFile(path, "utf8")).toContain('"pid":1');
});

it("tells a live process from a dead one", async () => {
  expect(processIsAlive(process.pid)).toBe(true);
  expect(processIsAlive(await deadPid())).toBe(false);
});
