import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderSseError, toAppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import type { ForwardAnswer, ForwardingEngine, ForwardPath } from "../engine/forwarding-engine";
import type { OpenRequests } from "./open-requests";
import { writeFrame } from "./sse";
import { tokenizeRequestSchema } from "./tokenize";
import type { WorkerMetrics } from "./worker-metrics";

const paths: readonly ForwardPath[] = ["/chat/completions", "/completions", "/embeddings"];

/** The routes over an engine that answers for itself. Bodies stay bytes in both directions. */
export function forwardRequests(
  v1: FastifyInstance,
  engine: ForwardingEngine,
  open: OpenRequests,
  metrics: Pick<WorkerMetrics, "forwarding">,
): void {
  v1.removeAllContentTypeParsers();
  v1.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  for (const path of paths) {
    v1.post(path, async (request, reply) => {
      const { signal, done } = open.enter(request.raw.socket);
      const measure = metrics.forwarding();
      let outcome: "ok" | "error" | "aborted" = "error";
      try {
        const body = bodyOf(request);
        const answer = await engine.forward({ path, body, requestId: request.id, signal });
        measure.begun();
        const ending = await relay(request, reply, answer, signal);
        outcome = answer.status < 400 ? ending : "error";
        return reply;
      } catch (error) {
        if (!reply.raw.destroyed) throw error;
        outcome = "aborted";
        // The client has gone: nobody reads an error.
        request.log.debug({ err: error }, "the client went away");
        return reply.hijack();
      } finally {
        measure.ended(outcome);
        done();
      }
    });
  }
  v1.post("/tokenize", async (request) => {
    const { signal, done } = open.enter(request.raw.socket);
    try {
      const { model, input } = parseInput(tokenizeRequestSchema, parseBody(bodyOf(request)));
      const tokens = await engine.tokenizeElsewhere(model, input, signal);
      return { count: tokens.length, tokens };
    } finally {
      done();
    }
  });
}

function bodyOf({ body }: FastifyRequest): Buffer {
  if (Buffer.isBuffer(body) && body.length > 0) return body;
  throw new AppError("invalid_json");
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new AppError("invalid_json", { cause });
  }
}

/** How the answer ended. Errors before the first byte are thrown; later ones become an error frame, or cut the connection. */
async function relay(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ForwardAnswer,
  signal: AbortSignal,
): Promise<"ok" | "error" | "aborted"> {
  const chunks = answer.body[Symbol.asyncIterator]();
  const isEventStream = answer.contentType.startsWith("text/event-stream");
  let hasBegun = false;
  let tail = "";
  try {
    // The status line waits for the first bytes: until then a failure can still have its own status.
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      if (!hasBegun) begin(request, reply, answer);
      hasBegun = true;
      tail = (tail + next.value.subarray(-4).toString("latin1")).slice(-4);
      await writeFrame(reply.raw, next.value, signal);
    }
    if (!hasBegun) begin(request, reply, answer);
    reply.raw.end();
    return "ok";
  } catch (cause) {
    if (!hasBegun) throw cause;
    if (reply.raw.destroyed) {
      request.log.debug({ err: cause }, "the client went away");
      return "aborted";
    }
    request.log.error({ err: cause }, "an answer was cut off");
    // In the middle of an event nothing can be said that would not become a part of it.
    if (isEventStream && /\n\r?\n$/.test(tail)) reply.raw.end(renderSseError(toAppError(cause)));
    else reply.raw.destroy();
    return "error";
  } finally {
    await chunks.return?.();
  }
}

function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, contentType, contentLength }: ForwardAnswer,
): void {
  reply.hijack();
  reply.raw.writeHead(status, {
    "content-type": contentType,
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-request-id": request.id,
    ...(contentLength === null ? {} : { "content-length": contentLength }),
  });
}
