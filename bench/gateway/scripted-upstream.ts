import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { readScript, type Script, scriptedTokens } from "./scripted-text";

/** The one model of the scripted upstream. */
export const scriptedModel = "scripted";

const maxBodyBytes = 8 * 1024 * 1024;

const requestSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ content: z.string() })).min(1),
  max_tokens: z.number().int().min(0).max(100_000),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).default({ include_usage: false }),
});
type ChatRequest = z.infer<typeof requestSchema>;

/**
 * A stand-in for an OpenAI-style engine that costs next to nothing: it sends the text that the prompt's script names, at its
 * pace. Every token is a write of its own to the socket, as engines do it.
 */
export function createScriptedUpstream(): Server {
  let serial = 0;
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "").split("?", 1);
    if (request.method === "GET" && path === "/v1/models") {
      sendJson(response, 200, { object: "list", data: [{ id: scriptedModel, object: "model" }] });
      return;
    }
    if (request.method !== "POST" || path !== "/v1/chat/completions") {
      request.resume();
      sendError(response, 404, "There is no such path.");
      return;
    }
    readBody(request, (body) => {
      serial += 1;
      chat(response, body, `chatcmpl-${serial}`);
    });
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

function readBody(request: IncomingMessage, onBody: (body: string) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  request.on("data", (part: Buffer) => {
    size += part.length;
    if (size > maxBodyBytes) request.destroy();
    else parts.push(part);
  });
  request.on("end", () => onBody(Buffer.concat(parts).toString("utf8")));
}

function chat(response: ServerResponse, body: string, id: string): void {
  const parsed = requestSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    sendError(response, 400, z.prettifyError(parsed.error));
    return;
  }
  const request = parsed.data;
  const script = readScript(request.messages.at(-1)?.content ?? "");
  if (script === null) {
    sendError(response, 400, "The prompt holds no script.");
    return;
  }
  const tokens = scriptedTokens(script.seed, request.max_tokens, script.set);
  const promptTokens = Math.ceil(body.length / 4);
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: tokens.length,
    total_tokens: promptTokens + tokens.length,
  };
  const created = Math.floor(Date.now() / 1000);
  if (request.stream) {
    stream(response, request, { id, created, usage, tokens, script });
    return;
  }
  const message = { role: "assistant", content: tokens.join("") };
  sendJson(response, 200, {
    ...{ id, object: "chat.completion", created, model: request.model },
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage,
  });
}

type Answer = { id: string; created: number; usage: object; tokens: readonly string[]; script: Script };

function stream(
  response: ServerResponse,
  { model, stream_options }: ChatRequest,
  { id, created, usage, tokens, script }: Answer,
): void {
  const base = { id, object: "chat.completion.chunk", created, model };
  const head = `data: ${JSON.stringify(base).slice(0, -1)},"choices":[{"index":0,"delta":`;
  const tail = ',"logprobs":null,"finish_reason":null}]}\n\n';
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  response.write(`${head}{"role":"assistant","content":""}${tail}`);
  const send = (index: number): boolean => {
    if (response.destroyed) return false;
    response.write(`${head}{"content":${JSON.stringify(tokens[index])}}${tail}`);
    return true;
  };
  paced(tokens.length, script.delayMs, send, () => {
    const last = `${head}{},"logprobs":null,"finish_reason":"stop"}]}\n\n`;
    const counts = stream_options.include_usage
      ? `data: ${JSON.stringify({ ...base, choices: [], usage })}\n\n`
      : "";
    response.end(`${last}${counts}data: [DONE]\n\n`);
  });
}

/**
 * `send(0)` … `send(count - 1)`, each `delayMs` after the one before on a schedule that does not drift; without a delay one in
 * each turn of the event loop. `send` returns false to stop; otherwise `done` follows.
 */
function paced(count: number, delayMs: number, send: (index: number) => boolean, done: () => void): void {
  const startedAt = performance.now();
  let index = 0;
  const tick = (): void => {
    const due = delayMs === 0 ? index + 1 : Math.floor((performance.now() + 0.5 - startedAt) / delayMs) + 1;
    while (index < Math.min(count, due)) {
      if (!send(index)) return;
      index += 1;
    }
    if (index >= count) done();
    else if (delayMs === 0) setImmediate(tick);
    else setTimeout(tick, Math.max(1, startedAt + index * delayMs - performance.now()));
  };
  tick();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it with a sentence.
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { error: { message, type: "invalid_request_error", param: null, code: null } });
}
