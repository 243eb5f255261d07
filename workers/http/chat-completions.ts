import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderSseError, toAppError } from "@/lib/errors";
import type { Usage } from "@/lib/protocol";
import { type ChatRequest, parseChatRequest } from "../engine/chat-request";
import type { Engine, GenerateChunk } from "../engine/types";
import { ChatCompletionBody, doneFrame } from "./chat-completion-body";
import type { OpenRequests } from "./open-requests";
import { writeFrame } from "./sse";

/** Handler of `POST /v1/chat/completions`. Errors before the first byte are thrown; later ones become an error frame. */
export function chatCompletions(engine: Engine, open: OpenRequests) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const chat = parseChatRequest(request.body);
    const { model } = chat.generate;
    if (!engine.models().some((offered) => offered.name === model)) {
      throw new AppError("model_not_found", {
        message: `The model "${model}" is not served here.`,
        param: "model",
      });
    }
    const { signal, done } = open.enter(request.raw.socket);
    const chunks = engine.generate(chat.generate, signal)[Symbol.asyncIterator]();
    try {
      const body = new ChatCompletionBody(model, Date.now(), chat.includesUsage);
      if (!chat.isStream) return await answerWhole(reply, body, chunks);
      await answerStream(request, reply, chat, body, chunks, signal);
      return reply;
    } catch (error) {
      if (!reply.raw.destroyed) throw error;
      // The client has gone: nobody reads an error.
      request.log.debug({ err: error }, "the client went away");
      return reply.hijack();
    } finally {
      await chunks.return?.();
      done();
    }
  };
}

type Chunks = AsyncIterator<GenerateChunk>;

async function answerWhole(reply: FastifyReply, body: ChatCompletionBody, chunks: Chunks): Promise<unknown> {
  const texts: string[] = [];
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value;
    if (chunk.kind === "text") texts.push(chunk.text);
    else if (chunk.kind === "finish") return body.whole(texts.join(""), chunk.finishReason, chunk.usage);
    else {
      reply.raw.destroy();
      return reply.hijack();
    }
  }
  throw new AppError("upstream_failed", { message: "The answer ended without a reason." });
}

async function answerStream(
  request: FastifyRequest,
  reply: FastifyReply,
  chat: ChatRequest,
  body: ChatCompletionBody,
  chunks: Chunks,
  signal: AbortSignal,
): Promise<void> {
  // The status line waits for the first chunk: until then an error can still have its own status.
  let next = await chunks.next();
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  try {
    let usage: Usage | null = null;
    let isFirst = true;
    for (; next.done !== true && usage === null; next = await chunks.next()) {
      const chunk = next.value;
      if (chunk.kind === "sever") {
        response.destroy();
        return;
      }
      const frame = chunk.kind === "text" ? body.textFrame(chunk.text) : body.finishFrame(chunk.finishReason);
      await writeFrame(response, isFirst ? body.roleFrame() + frame : frame, signal);
      isFirst = false;
      if (chunk.kind === "finish") usage = chunk.usage;
    }
    if (usage === null)
      throw new AppError("upstream_failed", { message: "The answer ended without a reason." });
    response.end((chat.includesUsage ? body.usageFrame(usage) : "") + doneFrame);
  } catch (cause) {
    const error = toAppError(cause);
    if (response.destroyed) {
      request.log.debug({ err: cause }, "the client went away");
      return;
    }
    request.log.error({ err: cause }, "a stream failed");
    response.end(renderSseError(error));
  }
}
