import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Site } from "@/lib/server";
import { type Route, ScriptedUpstream } from "@/workers/engine/attach/test-support";
import { eventually } from "@/workers/test-support";
import { joinToken, startTestSite } from "./fixtures/test-site";
import { startWorkerProcess, type WorkerProcess } from "./fixtures/worker-process";

/** Client, server, database, attach worker and a scripted engine, each over real sockets. */
const key = "sk-key-of-the-operator";
const keyVariable = "ATTACH_TEST_KEY";
const odd = '"note":"\u2028 \\u00e9 😀","exact": 12345678901234567890';

let database: TestDatabase;
let site: Site;
let url: string;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vi.stubEnv(keyVariable, key);
  database = await createTestDatabase();
  ({ site, url } = await startTestSite(database));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await site.close();
  await database.drop();
});

/** An engine that lets in whoever has the key, and says what it got. */
function engine(model: string, wanted: string | null): ScriptedUpstream {
  const guarded =
    (route: (body: Buffer) => string): Route =>
    ({ headers, body }, response) => {
      const isOpen = wanted === null || headers.authorization === `Bearer ${wanted}`;
      const text = isOpen
        ? route(body)
        : JSON.stringify({ error: { message: "Incorrect API key provided" } });
      response.writeHead(isOpen ? 200 : 401, { "content-type": "application/json" }).end(text);
    };
  return new ScriptedUpstream({
    "GET /v1/models": guarded(() => JSON.stringify({ data: [{ id: model, max_model_len: 5000 }] })),
    "POST /v1/chat/completions": guarded(() => `{"id":"x", "model":"${model}",${odd}}`),
  });
}

async function attach(upstream: ScriptedUpstream, ...flags: string[]): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({
    args: ["attach", "--url", `${upstream.origin}/v1`, ...flags],
    controllerUrl: url,
    joinToken,
  });
  closers.push(() => worker.stop());
  return worker;
}

async function started(upstream: ScriptedUpstream): Promise<ScriptedUpstream> {
  await upstream.start();
  closers.push(() => upstream.stop());
  return upstream;
}

function ask(model: string): Promise<Response> {
  const body = `{"model":"${model}","messages":[{"role":"user","content":"Hi"}],${odd}}`;
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
}

const statusOf = async (model: string): Promise<number> => (await ask(model)).status;

describe("an attach worker", () => {
  it("serves an engine under another name with a key that only it knows", async () => {
    const upstream = await started(engine("up/stream", key));
    await attach(upstream, "--api-key-env", keyVariable, "--model", "up/stream=fronted", "--tag", "x");
    await eventually(() => statusOf("fronted")).toBe(200);
    expect(await (await ask("fronted")).text()).toBe(`{"id":"x", "model":"fronted",${odd}}`);
    expect(upstream.seen.at(-1)?.body.toString()).toContain(odd);
    const rows = await database.db.worker.findMany();
    const offered = JSON.stringify([rows, site.controller.models()], (_name, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    expect(offered).toContain('"contextLength":5000');
    expect(offered).not.toContain(key);
    expect(offered).not.toContain("up/stream");
  });

  it("withdraws while its engine is away and comes back with it", async () => {
    const upstream = await started(engine("passing", null));
    await attach(upstream);
    await eventually(() => statusOf("passing")).toBe(200);
    await upstream.stop();
    expect(await statusOf("passing")).toBe(503);
    await eventually(() => site.controller.models().map(({ name }) => name)).not.toContain("passing");
    await upstream.start();
    await eventually(() => statusOf("passing")).toBe(200);
  });

  it("says in one sentence that its key is wrong or missing", async () => {
    const upstream = await started(engine("closed", "another-key"));
    await expect(attach(upstream, "--api-key-env", keyVariable)).rejects.toThrow(
      /does not let this worker in/,
    );
    await expect(attach(upstream, "--api-key-env", "ATTACH_TEST_NONE")).rejects.toThrow(
      /variable ATTACH_TEST_NONE is not set/,
    );
  });
});

describe("an attach worker with --direct", () => {
  it("lets the controller call the engine itself, watches it, and takes it back", async () => {
    const upstream = await started(engine("direct", null));
    await attach(upstream, "--direct");
    await eventually(() => statusOf("direct")).toBe(200);
    expect(await (await ask("direct")).text()).toContain(odd);
    const row = await database.db.worker.findFirst({ where: { url: upstream.origin } });
    expect(row).not.toBeNull();
    // The controller's own secret came with the request: nobody stood between.
    expect(upstream.seen.at(-1)?.headers.authorization).toMatch(/^Bearer .{32,}/);
    await upstream.stop();
    expect(await statusOf("direct")).toBeGreaterThanOrEqual(502);
    await eventually(() => site.controller.models().map(({ name }) => name)).not.toContain("direct");
    await upstream.start();
    await eventually(() => statusOf("direct")).toBe(200);
  });

  it("does not front an engine that wants a key", async () => {
    const upstream = await started(engine("keyed", "another-key"));
    await expect(attach(upstream, "--direct")).rejects.toThrow(/let this worker in|asks for no key/);
  });
});
