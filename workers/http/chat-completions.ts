import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderSseError, toAppError } from "@/lib/errors";
import { type ChatRequest, parseChatRequest } from "../engine/chat-request";
import type { Engine } from "../engine/types";
import { ChatCompletionBody, doneFrame } from "./chat-completion-body";
import { ChoiceParts } from "./choice-parts";
import { type ChoiceChunk, ChoiceTally, generateChoices } from "./choices";
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
    const chunks = generateChoices(engine, chat.generate, chat.choices, signal);
    try {
      const body = new ChatCompletionBody(model, Date.now(), chat.includesUsage);
      if (!chat.isStream) return await answerWhole(reply, chat, body, chunks);
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

type Chunks = AsyncIterator<ChoiceChunk>;

async function answerWhole(
  reply: FastifyReply,
  chat: ChatRequest,
  body: ChatCompletionBody,
  chunks: Chunks,
): Promise<unknown> {
  const hasLogprobs = chat.generate.topLogprobs !== undefined;
  const tally = new ChoiceTally(chat.choices);
  const parts = Array.from({ length: chat.choices }, () => new ChoiceParts());
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value;
    const { choice = 0 } = chunk;
    if (chunk.kind === "sever") {
      reply.raw.destroy();
      return reply.hijack();
    }
    if (chunk.kind === "finish") {
      if (!tally.finish(choice, chunk.finishReason, chunk.usage) || tally.usage === null) continue;
      const choices = parts.map(({ text, toolCalls, logprobs }, index) => ({
        text,
        toolCalls,
        finishReason: tally.reasonOf(index),
        logprobs: hasLogprobs ? logprobs : null,
      }));
      return body.whole(choices, tally.usage);
    }
    parts[choice]?.add(chunk);
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
    const tally = new ChoiceTally(chat.choices);
    const begun = new Set<number>();
    for (; next.done !== true && tally.usage === null; next = await chunks.next()) {
      const chunk = next.value;
      const { choice = 0 } = chunk;
      if (chunk.kind === "sever") {
        response.destroy();
        return;
      }
      const frame = frameOf(body, choice, chunk);
      await writeFrame(response, begun.has(choice) ? frame : body.roleFrame(choice) + frame, signal);
      begun.add(choice);
      if (chunk.kind === "finish") tally.finish(choice, chunk.finishReason, chunk.usage);
    }
    if (tally.usage === null)
      throw new AppError("upstream_failed", { message: "The answer ended without a reason." });
    response.end((chat.includesUsage ? body.usageFrame(tally.usage) : "") + doneFrame);
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

function frameOf(
  body: ChatCompletionBody,
  choice: number,
  chunk: Exclude<ChoiceChunk, { kind: "sever" }>,
): string {
  if (chunk.kind === "text") return body.textFrame(choice, chunk.text, chunk.logprobs);
  return chunk.kind === "finish"
    ? body.finishFrame(choice, chunk.finishReason)
    : body.toolFrame(choice, chunk);
}
