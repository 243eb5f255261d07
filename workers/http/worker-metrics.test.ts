import pino from "pino";
import { describe, expect, it } from "vitest";
import type { Engine, GenerateChunk } from "../engine/types";
import { chatBody, mockEngine, mockModel, testSecret } from "./test-support";
import { WorkerMetrics } from "./worker-metrics";
import { createWorkerServer } from "./worker-server";

const usage = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
};

/** A clock that each chunk moves by half a second. */
function setUp(chunks: readonly GenerateChunk[], error: Error | null = null) {
  const clock = { ms: 0 };
  const base = mockEngine("plain");
  const engine: Engine = new Proxy(base, {
    get: (target, key) => {
      const generate = async function* () {
        for (const chunk of chunks) {
          clock.ms += 500;
          yield chunk;
        }
        if (error !== null) throw error;
      };
      const value: unknown = key === "generate" ? generate : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const metrics = new WorkerMetrics(engine, { size: 2 }, () => clock.ms);
  return { metrics, engine: metrics.measured(engine) };
}

const request = {
  model: "scripted",
  prompt: { kind: "text" as const, text: "a secret word" },
  maxTokens: null,
  stop: [],
  sampling: {},
  ignoresEndOfTurn: false,
  mayReusePrefix: true,
};

async function metricOf(metrics: WorkerMetrics, name: string): Promise<Record<string, number>> {
  const metric = await metrics.registry.getSingleMetric(`arena_worker_${name}`)?.get();
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value, ...rest }) => {
      const suffix = "metricName" in rest ? String(rest.metricName).replace(`arena_worker_${name}`, "") : "";
      const marks = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
      return [[suffix, ...marks].filter((part) => part !== "").join(" "), value];
    }),
  );
}

const text: GenerateChunk = { kind: "text", text: "x" };
const finish: GenerateChunk = { kind: "finish", finishReason: "stop", usage };

describe("WorkerMetrics", () => {
  it("counts what an answer took, without a turn between the engine and its reader", async () => {
    const { metrics, engine } = setUp([text, text, finish]);
    const chunks: GenerateChunk[] = [];
    for await (const chunk of engine.generate(request, new AbortController().signal)) chunks.push(chunk);
    expect(chunks).toEqual([text, text, finish]);
    expect(await metricOf(metrics, "requests_total")).toEqual({ "model=scripted outcome=ok": 1 });
    expect(await metricOf(metrics, "prompt_tokens_total")).toEqual({ "model=scripted": 10 });
    expect(await metricOf(metrics, "cached_prompt_tokens_total")).toEqual({ "model=scripted": 4 });
    expect(await metricOf(metrics, "generated_tokens_total")).toEqual({ "model=scripted": 5 });
    expect(await metricOf(metrics, "generation_seconds_total")).toEqual({ "model=scripted": 1 });
    expect(await metricOf(metrics, "time_to_first_token_seconds")).toMatchObject({
      "_bucket le=0.25 model=scripted": 0,
      "_bucket le=0.5 model=scripted": 1,
      "_sum model=scripted": 0.5,
    });
    expect(await metricOf(metrics, "open_requests")).toEqual({ "": 2 });
  });

  it("tells errors from answers that were given up", async () => {
    const failed = setUp([text], new Error("broken"));
    const read = async () => {
      for await (const _chunk of failed.engine.generate(request, new AbortController().signal));
    };
    await expect(read()).rejects.toThrow("broken");
    expect(await metricOf(failed.metrics, "requests_total")).toEqual({ "model=scripted outcome=error": 1 });
    const left = setUp([text, text, finish]);
    for await (const _chunk of left.engine.generate(request, new AbortController().signal)) break;
    expect(await metricOf(left.metrics, "requests_total")).toEqual({ "model=scripted outcome=aborted": 1 });
    expect(await metricOf(left.metrics, "generated_tokens_total")).toEqual({});
  });

  it("keeps what an engine tells of its steps", async () => {
    const { metrics } = setUp([]);
    metrics.started("m", 0.2);
    metrics.prompted("m", 100, 2);
    metrics.stepped("m", 3, 4);
    metrics.stepped("m", 4, 4);
    expect(await metricOf(metrics, "queue_wait_seconds")).toMatchObject({
      "_sum model=m": 0.2,
      "_count model=m": 1,
    });
    expect(await metricOf(metrics, "evaluated_prompt_tokens_total")).toEqual({ "model=m": 100 });
    expect(await metricOf(metrics, "prompt_seconds_total")).toEqual({ "model=m": 2 });
    expect(await metricOf(metrics, "decode_steps_total")).toEqual({ "model=m": 2 });
    expect(await metricOf(metrics, "busy_slots_per_step")).toMatchObject({
      "_sum model=m": 7,
      "_count model=m": 2,
    });
    expect(await metricOf(metrics, "active_slot_steps_total")).toEqual({ "model=m": 8 });
  });
});

describe("GET /metrics", () => {
  it("is open, says what the worker runs, and no word of a conversation", async () => {
    const engine = mockEngine("plain");
    const { app } = createWorkerServer({
      engine,
      secret: () => testSecret,
      logger: pino({ level: "silent" }),
    });
    await app.inject({
      method: "POST",
      url: "/v1/chat/completions",
      headers: { authorization: `Bearer ${testSecret}` },
      payload: chatBody({ messages: [{ role: "user", content: "xyzzy" }] }),
    });
    const response = await app.inject({ url: "/metrics" });
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toMatch(/^text\/plain; version=/);
    const { version, device } = engine.info();
    expect(response.body).toContain(
      `arena_worker_info{engine="mock",version="${version}",device="${device}",model="${mockModel.name}"} 1`,
    );
    expect(response.body).toContain('arena_worker_requests_total{model="scripted",outcome="ok"} 1');
    expect(response.body).toContain("arena_worker_slots 4");
    expect(response.body).not.toContain("xyzzy");
  });
});

describe("a suffix", () => {
  const complete = (fillsIn: boolean, body: Record<string, unknown>) => {
    const engine = mockEngine("plain");
    const { app } = createWorkerServer({
      engine: Object.assign(engine, { fillsIn: () => fillsIn }),
      secret: () => testSecret,
      logger: pino({ level: "silent" }),
    });
    return app.inject({
      method: "POST",
      url: "/v1/completions",
      headers: { authorization: `Bearer ${testSecret}` },
      payload: { model: "scripted", prompt: "a", ...body },
    });
  };

  it("is refused by name of a model that does not fill in, and beside ids", async () => {
    const refused = { error: { code: "unsupported_parameter", param: "suffix" } };
    expect((await complete(false, { suffix: "b" })).json()).toMatchObject(refused);
    expect((await complete(true, { prompt: [1, 2], suffix: "b" })).json()).toMatchObject(refused);
  });

  it("is taken of one that does, and an empty one of every model", async () => {
    expect((await complete(true, { suffix: "b" })).statusCode).toBe(200);
    expect((await complete(false, { suffix: "" })).statusCode).toBe(200);
    expect((await complete(false, { suffix: null })).statusCode).toBe(200);
  });
});
