import { randomUUID } from "node:crypto";
import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type BattleEvent, battleEventSchema, blindBattleSchema, revealedBattleSchema } from "@/lib/protocol";
import type { Site } from "@/lib/server";
import { scenarioText } from "@/workers/engine/mock";
import { joinToken, startTestSite } from "./fixtures/test-site";
import { startMockWorker, startWorkerProcess, type WorkerProcess } from "./fixtures/worker-process";

/**
 * Server, database and worker processes together, over real sockets: everything but Next. Names of models and workers are
 * such that a leak cannot hide in an ordinary word.
 */
const names = ["zq-falcon", "zq-osprey"];

let database: TestDatabase;
let site: Site;
let url: string;
let workers: WorkerProcess[];

beforeAll(async () => {
  database = await createTestDatabase();
  ({ site, url } = await startTestSite(database));
  const offered = modelsOffered(names.length + 1);
  workers = await Promise.all([
    ...names.map((name) => startMockWorker({ name, controllerUrl: url, joinToken })),
    startWorkerProcess({
      args: ["llama", "--model", "workers/models/demo-1m-q8_0.gguf", "--name", "zq-tiny", "--threads", "1"],
      controllerUrl: url,
      joinToken,
    }),
  ]);
  await offered;
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await site.close();
  await database.drop();
});

/** Settles when so many different models have been registered. */
function modelsOffered(count: number): Promise<void> {
  const seen = new Set<string>();
  return new Promise((resolve) => {
    site.controller.onModelsOffered(async (models) => {
      for (const model of models) seen.add(model.name);
      if (seen.size === count) resolve();
    });
  });
}

/** A visitor's browser, as far as the API goes: keeps its cookie, remembers every byte and header it was sent. */
class Visitor {
  cookie = "";
  received = "";

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    const response = await fetch(url + path, {
      method,
      headers: { cookie: this.cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    this.#remember(response, text);
    return { status: response.status, json: JSON.parse(text) };
  }

  async events(path: string, isLast: (event: BattleEvent) => boolean): Promise<BattleEvent[]> {
    const abort = new AbortController();
    const response = await fetch(url + path, { headers: { cookie: this.cookie }, signal: abort.signal });
    const events: BattleEvent[] = [];
    const parser = createParser({
      onEvent: ({ data }) => events.push(battleEventSchema.parse(JSON.parse(data))),
    });
    const decoder = new TextDecoder();
    this.#remember(response, "");
    for await (const bytes of response.body ?? []) {
      const text = decoder.decode(bytes, { stream: true });
      this.received += text;
      parser.feed(text);
      if (events.some(isLast)) break;
    }
    abort.abort();
    return events;
  }

  #remember(response: Response, text: string): void {
    const [setCookie] = response.headers.getSetCookie();
    if (setCookie !== undefined) this.cookie = setCookie.split(";")[0] ?? "";
    this.received += `${JSON.stringify([...response.headers])}\n${text}\n`;
  }
}

const ask = (prompt: string) => ({ prompt, idempotencyKey: randomUUID() });

describe("a battle over the network", () => {
  it("is blind until its vote, then names both sides and moves the board", async () => {
    const visitor = new Visitor();
    const started = await visitor.call("POST", "/api/battles", ask("Say something"));
    expect(started.status).toBe(201);
    const { id } = blindBattleSchema.parse(started.json);
    const events = await visitor.events(`/api/battles/${id}/events`, (event) => event.type === "ready");
    expect(events[0]?.type).toBe("snapshot");
    const battle = blindBattleSchema.parse((await visitor.call("GET", `/api/battles/${id}`)).json);
    expect(battle.status).toBe("ready");
    await visitor.call("POST", `/api/battles/${id}/vote`, {
      outcome: "nonsense",
      idempotencyKey: randomUUID(),
    });
    await visitor.call("POST", `/api/battles/${id}/retry`, { side: "a" });

    const row = await database.db.battle.findUniqueOrThrow({
      where: { id },
      include: { modelA: true, modelB: true, turns: { include: { responses: true } } },
    });
    const workerRows = await database.db.worker.findMany();
    const secrets = [
      ...workerRows.flatMap((worker) => [worker.id, worker.instanceId, worker.url, new URL(worker.url).port]),
      ...[row.modelA, row.modelB].flatMap((model) => [model.id, model.name, model.displayName]),
      "zq-",
      "chatcmpl",
      "mock",
      "llama",
      "system_fingerprint",
      "usage",
    ];
    // The visitor's own cookie and ids are random; take them out so that a port number cannot match by chance.
    const received = visitor.received.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|visitor=[^"]+/g, (found) =>
      secrets.includes(found) ? found : "",
    );
    for (const secret of secrets) expect(received).not.toContain(secret);

    const vote = { outcome: "a", idempotencyKey: randomUUID() };
    const first = await visitor.call("POST", `/api/battles/${id}/vote`, vote);
    const revealed = revealedBattleSchema.parse(first.json);
    expect(revealed.sides.a.model.name).toBe(row.modelA.name);
    expect((await visitor.call("POST", `/api/battles/${id}/vote`, vote)).json).toEqual(first.json);
    const board = (await visitor.call("GET", "/api/leaderboard")).json as { votes: number };
    expect(board.votes).toBe(1);
  });

  it("belongs to the browser that started it", async () => {
    const visitor = new Visitor();
    const { id } = blindBattleSchema.parse((await visitor.call("POST", "/api/battles", ask("Mine"))).json);
    for (const stranger of [
      new Visitor(),
      Object.assign(new Visitor(), { cookie: "visitor=forged.signature" }),
    ]) {
      expect((await stranger.call("GET", `/api/battles/${id}`)).status).toBe(404);
      const vote = { outcome: "a", idempotencyKey: randomUUID() };
      expect((await stranger.call("POST", `/api/battles/${id}/vote`, vote)).status).toBe(404);
    }
    expect((await visitor.call("GET", "/api/battles/not-an-id")).status).toBe(404);
  });

  it.each([
    ["an empty prompt", { prompt: "  ", idempotencyKey: randomUUID() }, "prompt"],
    ["half a character", { prompt: "\ud800", idempotencyKey: randomUUID() }, "prompt"],
    ["a NUL", { prompt: "a\u0000b", idempotencyKey: randomUUID() }, "prompt"],
    ["no key", { prompt: "Hi" }, "idempotencyKey"],
    ["an unknown field", { ...ask("Hi"), model: "zq-falcon" }, "model"],
    ["an array", [1], null],
  ])("refuses %s and says where", async (_name, body, param) => {
    const { status, json } = await new Visitor().call("POST", "/api/battles", body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { code: "invalid_request", param } });
  });

  it("refuses what another site makes a browser send", async () => {
    const crossSite: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { origin: "https://elsewhere.example" },
    ];
    for (const headers of crossSite) {
      const response = await fetch(`${url}/api/battles`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(ask("Hi")),
      });
      expect(response.status).toBe(403);
    }
  });
});

describe("the official client", () => {
  const client = () => new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });

  it("lists the models and gets the scripted answer, whole and streamed with usage", async () => {
    const listed = await client().models.list();
    expect(listed.data.map((model) => model.id).sort()).toEqual([...names, "zq-tiny"].sort());
    const messages = [{ role: "user" as const, content: "Hello" }];
    const whole = await client().chat.completions.create({ model: "zq-falcon", messages });
    expect(whole.choices[0]?.message.content).toBe(scenarioText("plain"));
    const stream = await client().chat.completions.create({
      model: "zq-falcon",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(scenarioText("plain"));
    expect(tokens).toBe(whole.usage?.completion_tokens);
  });

  it("gets real answers from a GGUF model, the same for the same seed", async () => {
    const request = {
      model: "zq-tiny",
      messages: [{ role: "user" as const, content: "What is 54 + 3?" }],
      max_tokens: 48,
      temperature: 0.8,
      seed: 7,
    };
    const [first, second] = await Promise.all([
      client().chat.completions.create(request),
      client().chat.completions.create(request),
    ]);
    expect(first.choices[0]?.message.content).not.toBe("");
    expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
    expect(first.usage?.total_tokens).toBe(
      (first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0),
    );
  });

  it("gets a tool call that keeps to its schema", async () => {
    const parameters = {
      type: "object",
      properties: { city: { enum: ["Paris", "London"] } },
      required: ["city"],
    };
    const { choices } = await client().chat.completions.create({
      model: "zq-tiny",
      messages: [{ role: "user", content: "What is the weather in Paris?" }],
      tools: [{ type: "function", function: { name: "weather", parameters } }],
      tool_choice: { type: "function", function: { name: "weather" } },
      max_tokens: 128,
      seed: 1,
    });
    const [call] = choices[0]?.message.tool_calls ?? [];
    if (call?.type !== "function") throw new Error("There is no function call.");
    expect(call.function.name).toBe("weather");
    expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.stringMatching(/^(Paris|London)$/) });
  });

  it("raises the classes that OpenAI would make it raise", async () => {
    const messages = [{ role: "user" as const, content: "Hello" }];
    await expect(client().chat.completions.create({ model: "gpt-none", messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    const prediction = { type: "content" as const, content: "Hello" };
    const refused = client().chat.completions.create({ model: "zq-tiny", messages, prediction });
    await expect(refused).rejects.toMatchObject({ status: 400, param: "prediction" });
  });
});

describe("operation", () => {
  it("shows health, readiness and metrics", async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ database: true, models: 3 });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("arena_workers");
    expect(metrics).toContain("nodejs_eventloop_lag");
  });
});
