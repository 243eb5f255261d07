import type { ServerResponse } from "node:http";
import { listen, type TestServer, testSecret } from "../../http/test-support";
import type { AttachEngine, AttachEngineOptions } from "./attach-engine";
import { attachEngine, plainRoutes, type Route, ScriptedUpstream } from "./test-support";

/** A key that must show up nowhere. */
export const key = "sk-key-of-the-operator";
/** What a test has opened; `closeAll` after each. */
export const closers: (() => Promise<unknown>)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

const everything = ["chat", "completion", "embedding", "tools", "json", "logprobs"] as const;

/** The attach engine behind the worker's own server, in front of a scripted engine: bytes over real sockets. */
export async function front(
  routes: Record<string, Route>,
  changes: Partial<AttachEngineOptions> = {},
): Promise<{ upstream: ScriptedUpstream; engine: AttachEngine; server: TestServer }> {
  const upstream = await new ScriptedUpstream({ ...plainRoutes(), ...routes }).start();
  closers.push(() => upstream.stop());
  return { upstream, ...(await serve(upstream, changes)) };
}

export async function serve(upstream: { origin: string }, changes: Partial<AttachEngineOptions>) {
  // Looks come when they are asked for, so that what a test counts is its own.
  const engine = attachEngine(upstream, { capabilities: everything, probeMs: 3_600_000, ...changes });
  closers.push(() => engine.dispose());
  await engine.load();
  const server = await listen(engine);
  closers.push(() => server.close(0));
  return { engine, server };
}

export function post(server: TestServer, body: string, signal?: AbortSignal, path = "/v1/chat/completions") {
  const headers = { authorization: `Bearer ${testSecret}`, "content-type": "application/json" };
  return fetch(server.url + path, { method: "POST", headers, body, ...(signal ? { signal } : {}) });
}

export const chat = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ model: "model-x", messages: [{ role: "user", content: "Hi" }], ...changes });

/** A stream of events, written in the given pieces. */
export const stream =
  (...pieces: (string | Buffer)[]): Route =>
  (_request, response) =>
    writeStream(response, pieces);

export function writeStream(response: ServerResponse, pieces: readonly (string | Buffer)[]): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (const piece of pieces) response.write(piece);
  response.end();
}

export const POST = "POST /v1/chat/completions";
/** JSON that no parser gives back as it was. */
export const odd =
  '{ "seed":12345678901234567890,"x" : 1.50e-7, "messages":[{"content":"\u2028\u00e9\\u00e9 😀\\ud83d \\/"}],\n\t';

/** Loads an engine in front of these answers. */
export async function load(routes: Record<string, Route>, changes: Partial<AttachEngineOptions> = {}) {
  const upstream = await new ScriptedUpstream(routes).start();
  closers.push(() => upstream.stop());
  const engine = attachEngine(upstream, changes);
  closers.push(() => engine.dispose());
  await engine.load();
  return { engine, upstream };
}

export const summary = (engine: AttachEngine) => ({
  version: engine.info().version,
  slots: engine.info().slots,
  models: engine
    .models()
    .map(({ name, contextLength, capabilities }) => ({ name, contextLength, capabilities })),
});
