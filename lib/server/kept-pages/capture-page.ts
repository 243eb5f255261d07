import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from "node:http";

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type CapturedPage = { status: number; headers: OutgoingHttpHeaders; body: Buffer };

/** Has a page rendered into memory. Errors: what the handler rejects with. */
export async function capturePage(pages: PageHandler, request: IncomingMessage): Promise<CapturedPage> {
  const response = new MemoryResponse(request);
  const ended = new Promise<void>((resolve) => response.once("finish", resolve));
  await pages(request, response);
  await ended;
  return {
    status: response.statusCode,
    headers: response.getHeaders(),
    body: Buffer.concat(response.chunks),
  };
}

type Encoding = BufferEncoding | ((error?: Error | null) => void);
type Callback = (error?: Error | null) => void;

/** A response that nobody is at the other end of. It takes what comes at any speed. */
class MemoryResponse extends ServerResponse {
  readonly chunks: Buffer[] = [];

  override write(chunk: unknown, encoding?: Encoding, callback?: Callback): boolean {
    this.#keep(chunk, encoding);
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) queueMicrotask(() => done());
    return true;
  }

  override end(chunk?: unknown, encoding?: Encoding, callback?: Callback): this {
    const done = [chunk, encoding, callback].find((one) => typeof one === "function") as
      | (() => void)
      | undefined;
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.#keep(chunk, encoding);
    this.finished = true;
    queueMicrotask(() => {
      this.emit("finish");
      this.emit("close");
      done?.();
    });
    return this;
  }

  override flushHeaders(): void {}

  #keep(chunk: unknown, encoding?: Encoding): void {
    if (typeof chunk === "string")
      this.chunks.push(Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8"));
    else this.chunks.push(Buffer.from(chunk as Uint8Array));
  }
}
