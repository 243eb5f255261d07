import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Finding } from "./check";
import { clockFinding, judgingFinding, workerFindings } from "./check-database";
import { describeFindings, runDoctor } from "./run-doctor";

let database: TestDatabase;
let bare: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  [database, bare] = await Promise.all([createTestDatabase(), createTestDatabase({ isBare: true })]);
  dataDir = await mkdtemp(join(inject("scratch"), "doctor-"));
});
afterAll(() => Promise.all([database.drop(), bare.drop()]));

const look = (env: Record<string, string>) => runDoctor({ ARENA_DATA_DIR: dataDir, PORT: "0", ...env });
const of = (findings: readonly Finding[], what: string) => findings.find((finding) => finding.what === what);

const chatting = (name: string) => ({ name, capabilities: ["chat"] });
const worker = (age: number, models = [chatting("alpha"), chatting("beta")], order = "serving") => ({
  ...{ url: `http://10.0.0.${Math.round(age % 250)}:8100`, models, order, age },
});

it("a migrated database with two models is well", async () => {
  await database.db.worker.create({
    data: {
      ...{ id: uuidv7(), instanceId: uuidv7(), url: "http://127.0.0.1:1", engine: "mock", version: "1" },
      ...{ device: "none", slots: 1, models: [chatting("alpha"), chatting("beta")] },
    },
  });
  const findings = await look({ DATABASE_URL: database.url });
  expect(of(findings, "migrations")?.state).toBe("good");
  expect(of(findings, "clock")?.state).toBe("good");
  expect(of(findings, "models")).toMatchObject({ state: "good", found: "alpha, beta" });
  expect(of(findings, "disk")?.found).toContain("GiB free");
  expect(findings.filter(({ state }) => state === "bad")).toEqual([]);
});

it("a proxy that the site was not told of, and votes that nobody judges, are said", async () => {
  const { db } = database;
  expect(of(await look({ DATABASE_URL: database.url }), "proxy")?.state).toBe("skipped");
  const sample = { serverId: uuidv7(), waiting: 0, running: 0, answered: 0, failed: 0 };
  await db.serverSample.create({ data: { ...sample, at: new Date(Date.now() - 10_000) } });
  expect(of(await look({ DATABASE_URL: database.url }), "proxy")?.state).toBe("good");
  await db.serverSample.create({ data: { ...sample, at: new Date(), isProxyUnnamed: true } });
  const findings = await look({ DATABASE_URL: database.url });
  expect(of(findings, "proxy")).toMatchObject({
    state: "bad",
    advice: expect.stringContaining("TRUST_PROXY"),
  });
  expect(of(findings, "votes")?.state).toBe("good");
  expect(judgingFinding(0, 11)).toMatchObject({ state: "bad", found: expect.stringContaining("11 min") });
  expect(judgingFinding(2, null)).toMatchObject({ state: "note", found: "2 could not be judged" });
});

it("each fault is named with what to do, and hides no other", async () => {
  const secrets = join(dataDir, "secrets.json");
  await writeFile(secrets, "{}");
  await chmod(secrets, 0o644);
  const other = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end("no HTTP\r\n\r\n");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    const findings = await look({ DATABASE_URL: bare.url, PORT: String(port) });
    expect(of(findings, "migrations")).toMatchObject({
      state: "note",
      advice: expect.stringContaining("npm run migrate"),
    });
    expect(of(findings, "secrets")).toMatchObject({ state: "bad", advice: `chmod 600 ${secrets}` });
    expect(of(findings, "port")).toMatchObject({
      state: "bad",
      found: expect.stringContaining("another program"),
    });
    expect(describeFindings(findings)).toContain(`→ chmod 600 ${secrets}`);
  } finally {
    other.close();
  }
  const away = await look({ DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" });
  expect(of(away, "database")).toMatchObject({
    state: "bad",
    found: expect.stringContaining("cannot be reached"),
  });
});

it("a clock that is off is told in seconds", () => {
  expect(clockFinding({ differenceMs: 500, isOff: false }).state).toBe("good");
  expect(clockFinding({ differenceMs: -90_000, isOff: true })).toMatchObject({
    state: "bad",
    found: expect.stringContaining("90.0 s ahead of"),
  });
});

it("a worker is silent by the heartbeat of the site, and that is to be seen to", () => {
  const none = new Map<string, string>();
  const [lively] = workerFindings([worker(4), worker(900)], none, 600_000);
  expect(lively).toMatchObject({ state: "good", found: "2 report" });
  const [mixed] = workerFindings([worker(4), worker(900)], none, 10_000);
  expect(mixed).toMatchObject({
    state: "note",
    found: "1 report, 1 have not for 25 s (http://10.0.0.150:8100)",
    advice: expect.stringContaining("workers list"),
  });
});

it("only models that a battle would draw count for one", () => {
  const stages = new Map([["beta", "experimental"]]);
  const models = [chatting("alpha"), chatting("beta"), { name: "vectors", capabilities: ["embedding"] }];
  const [, hidden] = workerFindings(
    [worker(1, models), worker(1, [chatting("gamma")], "draining")],
    stages,
    10_000,
  );
  expect(hidden).toMatchObject({
    state: "note",
    found:
      "only alpha can be in a battle; not drawn: beta (experimental), gamma (draining), vectors (does not chat)",
  });
  const [, enough] = workerFindings([worker(1, [chatting("alpha"), chatting("gamma")])], stages, 10_000);
  expect(enough).toMatchObject({ state: "good", found: "alpha, gamma" });
});

it("settings that the server would refuse are named, and such as do not fit together", async () => {
  const bad = await look({ DATABASE_URL: bare.url, ARENA_QUEUE_LIMIT: "many" });
  expect(of(bad, "settings")).toMatchObject({
    state: "bad",
    found: expect.stringContaining("ARENA_QUEUE_LIMIT"),
  });
  const behind = await look({
    ...{ DATABASE_URL: bare.url, ARENA_SECRET: "0123456789abcdef0123456789abcdef" },
    ARENA_PUBLIC_URL: "https://arena.example.org",
  });
  expect(of(behind, "settings")).toMatchObject({
    state: "note",
    advice: expect.stringContaining("TRUST_PROXY"),
  });
  const open = await look({
    ...{ DATABASE_URL: bare.url, ARENA_SECRET: "0123456789abcdef0123456789abcdef" },
    HOST: "0.0.0.0",
  });
  expect(of(open, "settings")?.found).toContain("cookies go in the clear");
});
