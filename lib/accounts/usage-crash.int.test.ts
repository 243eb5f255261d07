import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("a process that is killed loses nothing that was written, and leaves no half-written batch", async () => {
  const { db, url } = database;
  const name = "usage-fixture";
  const fixture = fileURLToPath(new URL("testing/usage-fixture.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", fixture, `${url}?application_name=${name}`], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  let last = { added: 0, written: 0 };
  await new Promise<void>((resolve) => {
    child.on("message", (message: typeof last) => {
      last = message;
      if (last.written >= 2_000) resolve();
    });
  });
  // In the middle of its work: a batch is mostly being written then.
  child.kill("SIGKILL");
  await exited;
  // What it had sent is committed or rolled back when its last connection has ended.
  await vi.waitFor(
    async () => {
      const rows = await db.$queryRaw`SELECT 1 FROM pg_stat_activity WHERE application_name = ${name}`;
      expect(rows).toEqual([]);
    },
    { timeout: 20_000, interval: 20 },
  );

  const kept = await db.usageRecord.count();
  expect(kept).toBeGreaterThanOrEqual(last.written);
  const sums = await db.usageDay.aggregate({ _sum: { requests: true, completionTokens: true } });
  expect(sums._sum).toEqual({ requests: BigInt(kept), completionTokens: BigInt(kept) });
});
