import { buildConnector, Client, type Dispatcher, Pool } from "undici";

export type UpstreamOptions = {
  /** With its path, e.g. `http://10.0.0.5:8000/v1`. */
  baseUrl: string;
  /** Sent as bearer token; null: none. */
  apiKey: string | null;
  /** Longest wait for an answer's head, and between two of its pieces. */
  answerTimeoutMs?: number;
  probeTimeoutMs?: number;
};

export type UpstreamAnswer = Pick<Dispatcher.ResponseData, "statusCode" | "headers" | "body">;

const connectTimeoutMs = 10_000;
/** The controller's own limits are no longer by default; this one only keeps a forgotten request from living for ever. */
const defaultAnswerTimeoutMs = 600_000;
const defaultProbeTimeoutMs = 5_000;
/** Descriptions of engines are small; more is not read. */
const maxProbeBytes = 4 * 1024 * 1024;
const staleCodes = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/** Connections to one engine. Redirects are answers like any other, never followed: they would carry the key elsewhere. */
export class Upstream {
  readonly baseUrl: URL;
  /** Where an engine's own paths are (`/metrics`, `/props` …); null: the address is not `/v1` of a host. */
  readonly root: string | null;
  readonly #pool: Pool;
  readonly #options: UpstreamOptions;
  readonly #retiring = new Set<Client>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.baseUrl = new URL(options.baseUrl);
    this.root = this.baseUrl.pathname === "/v1" ? "" : null;
    this.#pool = new Pool(this.baseUrl.origin, { factory: () => this.#connect() });
  }

  /** The status and the whole text. Errors: undici's, when nobody answers in time or the signal aborts. */
  async get(path: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    return this.#whole(await this.#send("GET", path, null, signal, this.#probeTimeoutMs));
  }

  async ask(path: string, body: unknown, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const bytes = Buffer.from(JSON.stringify(body));
    return this.#whole(await this.#send("POST", path, bytes, signal, this.#probeTimeoutMs));
  }

  /** Sends bytes as they are. A body that is not read to its end must be destroyed. */
  post(path: string, body: Buffer, requestId: string, signal: AbortSignal): Promise<UpstreamAnswer> {
    const timeoutMs = this.#options.answerTimeoutMs ?? defaultAnswerTimeoutMs;
    return this.#send("POST", path, body, signal, timeoutMs, { "x-request-id": requestId });
  }

  /** A path of the API, below the address that was given. */
  apiPath(path: string): string {
    return `${this.baseUrl.pathname.replace(/\/+$/, "")}${path}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool, ...this.#retiring].map((dispatcher) => dispatcher.destroy()));
  }

  get #probeTimeoutMs(): number {
    return this.#options.probeTimeoutMs ?? defaultProbeTimeoutMs;
  }

  #connect(): TrackedClient {
    return new TrackedClient(this.baseUrl.origin, buildConnector({ timeout: connectTimeoutMs }));
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: Buffer | null,
    signal: AbortSignal,
    timeoutMs: number,
    headers: Record<string, string> = {},
  ): Promise<UpstreamAnswer> {
    const { apiKey } = this.#options;
    const attempt: Attempt = { connection: null };
    const wire: Dispatcher.RequestOptions & { attempt: Attempt } = {
      method,
      path,
      headers: {
        ...headers,
        // Bytes are passed on and not unpacked.
        "accept-encoding": "identity",
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      attempt,
    };
    const answer = await this.#pool.request(wire).catch((error: unknown) => {
      // A server may close an idle connection at the moment in which it is used again (RFC 9112, 9.3.1; llama-server does
      // so after a stream). Nothing was answered: once more, over a connection that is certainly new.
      if (!isStale(error, attempt) || signal.aborted) throw error;
      return this.#sendAnew(wire);
    });
    if (attempt.connection !== null) attempt.connection.served++;
    // A body that is given up or aborted fails at a time when nobody may be reading it. Who reads learns of it all the same;
    // without this listener the process would end.
    answer.body.on("error", () => undefined);
    return answer;
  }

  async #sendAnew(wire: Dispatcher.RequestOptions): Promise<UpstreamAnswer> {
    const client = this.#connect();
    this.#retiring.add(client);
    const answer = client.request(wire);
    // Closes when the answer has been read.
    client.close(() => this.#retiring.delete(client));
    return await answer;
  }

  async #whole({ statusCode, body }: UpstreamAnswer): Promise<{ status: number; text: string }> {
    return { status: statusCode, text: await readText(body, maxProbeBytes) };
  }
}

/** The text of a body; what is beyond the limit is cut off and its connection closed. */
export async function readText(body: UpstreamAnswer["body"], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop destroys the stream.
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}

type Attempt = { connection: { served: number } | null };

function isStale(error: unknown, { connection }: Attempt): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && staleCodes.has(code) && connection !== null && connection.served > 0;
}

/** One connection that remembers how much it has answered, so that a reset on a reused socket can be told from a refusal. */
class TrackedClient extends Client {
  readonly #history: { served: number };

  constructor(origin: string, connect: buildConnector.connector) {
    const history = { served: 0 };
    super(origin, {
      connect: (target, callback) => {
        history.served = 0;
        connect(target, callback);
      },
    });
    this.#history = history;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { attempt } = options as { attempt?: Attempt };
    if (attempt !== undefined) attempt.connection = this.#history;
    return super.dispatch(options, handler);
  }
}
