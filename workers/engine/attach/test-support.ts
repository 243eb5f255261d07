import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { AttachEngine, type AttachEngineOptions } from "./attach-engine";

export type SeenRequest = {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
};

/** An answer: a JSON value, a text, or whatever the function does with the response. */
export type Route = ((request: SeenRequest, response: ServerResponse) => void) | string | object;

/** An engine made of answers; `routes` may be changed while it runs, and a path that it lacks is 404 as at FastAPI. */
export class ScriptedUpstream {
  readonly seen: SeenRequest[] = [];
  readonly routes: Record<string, Route>;
  #server: Server;
  #port = 0;

  constructor(routes: Record<string, Route>) {
    this.routes = routes;
    this.#server = this.#create();
  }

  /** On the port that it had before, if it had one. */
  async start(): Promise<this> {
    this.#server = this.#create();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Cuts all connections and takes no more. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  #create(): Server {
    return createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(chunks) };
        this.seen.push(seen);
        answer(this.routes[`${method} ${url}`], seen, response);
      });
    });
  }
}

function answer(route: Route | undefined, seen: SeenRequest, response: ServerResponse): void {
  if (typeof route === "function") route(seen, response);
  else if (typeof route === "string") response.writeHead(200, { "content-type": "text/plain" }).end(route);
  else {
    const body = route ?? { detail: "Not Found" };
    response.writeHead(route === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  }
}

/** A status with a body, by default as OpenAI's. */
export function status(
  code: number,
  body: unknown = { error: { message: `status ${code}` } },
  headers: Record<string, string> = {},
): Route {
  return (_request, response) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(text);
  };
}

/** Without flags: models, capabilities and slots are what the engine tells. */
export const asTheEngineTells = {
  models: [],
  capabilities: null,
  slots: null,
  contextLength: null,
  isDirect: false,
  labels: { name: null, displayName: null, organization: null, licence: null, tags: [] },
  logger: pino({ level: "silent" }),
} satisfies Partial<AttachEngineOptions>;

/** Quick to look and to come back, so that no test waits. */
export function attachEngine(
  upstream: Pick<ScriptedUpstream, "origin">,
  changes: Partial<AttachEngineOptions> = {},
): AttachEngine {
  return new AttachEngine({
    baseUrl: `${upstream.origin}/v1`,
    apiKey: null,
    ...asTheEngineTells,
    probeMs: 10,
    backoff: { firstMs: 1, capMs: 10 },
    ...changes,
  });
}

/** Any provider: a list of one model, and nothing else. */
export function plainRoutes(id = "model-x"): Record<string, Route> {
  return { "GET /v1/models": { object: "list", data: [{ id, object: "model", owned_by: "someone" }] } };
}
