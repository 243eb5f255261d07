import type { FastifyReply, FastifyRequest } from "fastify";
import type { Controller, DispatchResponse } from "@/lib/controller";
import { AppError, isAppError } from "@/lib/errors";
import { toHttpError } from "@/lib/http";
import type { OpenAiMetrics } from "./metrics";
import { parseChatRequest } from "./parse-chat-request";
import { collect, relayEvents } from "./relay";
import { type OpenAiLogger, RequestRecord } from "./request-record";

export type ChatCompletionsDeps = {
  controller: Pick<Controller, "dispatch">;
  logger: OpenAiLogger;
  metrics: OpenAiMetrics;
  /** How long a client may leave a stream unread. */
  stallMs: number;
};

/** An answer that is not a stream is held until it is whole; no completion is nearly as large. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** nginx's code for a client that closed the connection; it is in our log only. */
const clientGoneStatus = 499;

/** `POST /v1/chat/completions`: parse the least, dispatch the client's own bytes, hand on the worker's. */
export function chatCompletions(deps: ChatCompletionsDeps) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { raw } = reply;
    const record = new RequestRecord(request.id, deps.logger, deps.metrics);
    const gone = new AbortController();
    const onClose = (): void => gone.abort(new Error("The client closed the connection."));
    raw.once("close", onClose);
    try {
      const parsed = parseChatRequest(request.body);
      record.model = parsed.model;
      const answer = await dispatchFor(deps, request, parsed.model, gone.signal);
      record.workerId = answer.workerId;
      record.queueWaitMs = answer.queueWaitMs;
      reply.header("openai-processing-ms", Math.round(record.firstByte()));
      reply.header("cache-control", "no-store");
      if (answer.contentType.startsWith("text/event-stream")) {
        await stream(deps, reply, answer, record);
        return reply;
      }
      const body = await collect(answer.body, maxAnswerBytes);
      record.end(answer.status, "complete");
      return reply.code(answer.status).type(answer.contentType).send(body);
    } catch (thrown) {
      if (gone.signal.aborted) {
        record.end(clientGoneStatus, "client_gone");
        // Nobody is there to read an answer.
        return reply.hijack();
      }
      const error = toHttpError(thrown);
      record.end(error.status, error.code);
      throw error;
    } finally {
      raw.off("close", onClose);
    }
  };
}

/** OpenAI names the model in its 404; the controller does not, because battles use it too. */
async function dispatchFor(
  deps: ChatCompletionsDeps,
  request: FastifyRequest,
  model: string,
  signal: AbortSignal,
): Promise<DispatchResponse> {
  try {
    return await deps.controller.dispatch({
      model,
      path: "/v1/chat/completions",
      body: request.body as Buffer,
      requestId: request.id,
      priority: "batch",
      signal,
    });
  } catch (error) {
    if (!isAppError(error) || error.code !== "model_not_found") throw error;
    throw new AppError("model_not_found", {
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
      cause: error,
    });
  }
}

/** Past Fastify: its reply would buffer, and a failure in the middle needs the raw response. */
async function stream(
  deps: ChatCompletionsDeps,
  reply: FastifyReply,
  answer: DispatchResponse,
  record: RequestRecord,
): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(answer.status, {
    ...(reply.getHeaders() as Record<string, string | string[] | number>),
    "content-type": answer.contentType,
    // Tells nginx not to collect the stream.
    "x-accel-buffering": "no",
  });
  const outcome = await relayEvents(reply.raw, answer.body, deps.stallMs);
  record.end(outcome === "client_gone" ? clientGoneStatus : answer.status, outcome);
}
