import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { answerOk, answerStatus, beginStream, type Script } from "@/lib/controller/test-support";
import { startTestApi, type TestApi } from "@/lib/openai/test-support";
import { startTracing, type Tracing } from "@/lib/tracing";

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

const valueSchema = z.object({ stringValue: z.string().optional(), intValue: z.number().optional() });
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: z.array(z.object({ key: z.string(), value: valueSchema })),
  events: z.array(z.object({ name: z.string() })).default([]),
  status: z.object({ code: z.number().optional() }),
});
const exportSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(z.object({ key: z.string(), value: valueSchema })) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

/** A collector that keeps what it gets: OTLP over HTTP, as JSON. */
async function startCollector() {
  const bodies: string[] = [];
  const paths: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    paths.push(request.url);
    bodies.push(await text(request));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  releases.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const exports = () => bodies.map((body) => exportSchema.parse(JSON.parse(body)));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    paths,
    services: () =>
      exports().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ resource }) =>
          resource.attributes
            .filter(({ key }) => key === "service.name")
            .map(({ value }) => value.stringValue),
        ),
      ),
    spans: () =>
      exports().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  };
}

async function startTraced(script: Script) {
  const collector = await startCollector();
  const tracing: Tracing = await startTracing({ endpoint: collector.url, serviceName: "arena-of-the-tests" });
  const seen: IncomingHttpHeaders[] = [];
  const api: TestApi = await startTestApi(
    (response, scripted, number) => {
      seen.push(response.req.headers);
      script(response, scripted, number);
    },
    { tracer: tracing.tracer },
  );
  releases.push(() => api.close());
  return { collector, tracing, api, seen };
}

const ask = (baseUrl: string, fields: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      model: "demo",
      messages: [{ role: "user", content: "a secret prompt" }],
      ...fields,
    }),
  });

const attributes = (span: z.infer<typeof spanSchema> | undefined) =>
  Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  );

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const answerWithUsage: Script = (response) => {
  const body = JSON.stringify({ choices: [{ message: { content: "a secret answer" } }], usage });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
};

describe("traces", () => {
  it("tell of a request and its attempt, continue the client's trace and go on to the worker", async () => {
    const { collector, tracing, api, seen } = await startTraced(answerWithUsage);
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const parent = "00f067aa0ba902b7";
    const answer = await ask(api.baseUrl, {}, { traceparent: `00-${traceId}-${parent}-01` });
    expect(answer.status).toBe(200);
    await tracing.close();

    expect(collector.paths[0]).toBe("/v1/traces");
    expect(collector.services()).toContain("arena-of-the-tests");
    const spans = collector.spans();
    const request = spans.find(({ parentSpanId }) => parentSpanId === parent);
    const attempt = spans.find(({ name }) => name === "worker attempt");
    expect(request).toMatchObject({ name: "chat demo", kind: 2, traceId });
    expect(attempt).toMatchObject({ kind: 3, traceId, parentSpanId: request?.spanId });
    expect(spans).toHaveLength(2);
    expect(seen[0]?.["traceparent"]).toBe(`00-${traceId}-${attempt?.spanId}-01`);
    expect(attributes(request)).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "demo",
      "gen_ai.usage.input_tokens": 7,
      "gen_ai.usage.output_tokens": 3,
      "http.response.status_code": 200,
      "arena.outcome": "complete",
      "arena.worker.id": api.workerId,
    });
    expect(attributes(attempt)).toEqual({
      "arena.worker.id": api.workerId,
      "arena.attempt.outcome": "answered",
    });
    // What was said is nobody's business.
    expect(collector.bodies.join("")).not.toContain("secret");
  });

  it("begin anew where the client's header is no traceparent, and name what failed", async () => {
    const { collector, tracing, api, seen } = await startTraced(answerStatus(500));
    const answer = await ask(api.baseUrl, {}, { traceparent: "00-zz-1-01" });
    expect(answer.status).toBe(502);
    await tracing.close();
    const request = collector.spans().find(({ name }) => name === "chat demo");
    const attempt = collector.spans().find(({ name }) => name === "worker attempt");
    expect(request?.parentSpanId ?? "").toBe("");
    expect(request?.status.code).toBe(2);
    expect(attributes(request)["error.type"]).toBe("upstream_failed");
    expect(attempt?.status.code).toBe(2);
    expect(attributes(attempt)).toMatchObject({ "error.type": "error_status" });
    expect(seen[0]?.["traceparent"]).toContain(request?.traceId);
  });

  it("follow the client's decision not to be traced", async () => {
    const { collector, tracing, api, seen } = await startTraced(answerOk);
    await ask(api.baseUrl, {}, { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-00` });
    await tracing.close();
    expect(collector.bodies).toEqual([]);
    expect(seen[0]?.["traceparent"]).toMatch(new RegExp(`^00-${"a".repeat(32)}-[0-9a-f]{16}-00$`));
  });

  it("show how long a request stood in line", async () => {
    const open: (() => void)[] = [];
    const { collector, tracing, api } = await startTraced((response, scripted, number) => {
      beginStream(response, scripted, number);
      open.push(() => response.end());
    });
    // Four slots and one place beside them.
    const answers = Array.from({ length: 6 }, () => ask(api.baseUrl, { stream: true }));
    await expect.poll(() => open.length).toBe(5);
    for (const end of open.splice(0)) end();
    await expect.poll(() => open.length).toBe(1);
    for (const end of open.splice(0)) end();
    for (const answer of answers) await (await answer).text();
    await tracing.close();
    const waits = collector.spans().filter(({ name }) => name === "queue wait");
    expect(waits).toHaveLength(1);
    const parent = collector.spans().find(({ spanId }) => spanId === waits[0]?.parentSpanId);
    expect(parent?.name).toBe("chat demo");
  });

  it("cost no request where the collector is away", async () => {
    const tracing = await startTracing({ endpoint: "http://127.0.0.1:9", serviceName: "x" });
    const api = await startTestApi(answerWithUsage, { tracer: tracing.tracer });
    releases.push(() => api.close());
    expect((await ask(api.baseUrl)).status).toBe(200);
    await tracing.close();
  });
});
