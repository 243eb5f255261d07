import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderSseError, toAppError } from "@/lib/errors";
import type { Capability, FinishReason, Usage } from "@/lib/protocol";
import type { Engine, GenerateRequest, SampledLogprob, ToolCall } from "../engine/types";
import { ChoiceParts } from "./choice-parts";
import { type ChoiceChunk, ChoiceTally, generateChoices } from "./choices";
import type { OpenRequests } from "./open-requests";
import { doneFrame, writeFrame } from "./sse";

/** What a client reads of one answer. */
export type WholeChoice = {
  text: string;
  toolCalls: readonly ToolCall[];
  finishReason: FinishReason;
  /** Null: not asked for. */
  logprobs: readonly SampledLogprob[] | null;
};

/** The JSON of one endpoint. */
export type AnswerBody = {
  /** Goes before the first frame of each answer; may be empty. */
  firstFrame(choice: number): string;
  frame(choice: number, chunk: Exclude<ChoiceChunk, { kind: "sever" }>): string;
  usageFrame(usage: Usage): string;
  whole(choices: readonly WholeChoice[], usage: Usage): Record<string, unknown>;
};

export type AnswerPlan = {
  requests: readonly GenerateRequest[];
  /** Answers to each of them. */
  perPrompt: number;
  isStream: boolean;
  includesUsage: boolean;
  body: AnswerBody;
};

/** Errors: `model_not_found`; `unsupported_parameter` when the model does not do what the endpoint is for. */
export function requireModel(engine: Engine, name: string, capability: Capability): void {
  const model = engine.models().find((offered) => offered.name === name);
  if (model === undefined) {
    throw new AppError("model_not_found", {
      message: `The model "${name}" is not served here.`,
      param: "model",
    });
  }
  if (model.capabilities.includes(capability)) return;
  throw new AppError("unsupported_parameter", {
    message: `The model "${name}" does not offer ${capability}.`,
    param: "model",
  });
}

/** Runs the answers and writes them, whole or as a stream. Errors before the first byte are thrown; later ones become an error frame. */
export async function answerRequest(
  engine: Engine,
  open: OpenRequests,
  request: FastifyRequest,
  reply: FastifyReply,
  plan: AnswerPlan,
): Promise<unknown> {
  const { signal, done } = open.enter(request.raw.socket);
  const chunks = generateChoices(engine, plan.requests, plan.perPrompt, signal);
  try {
    if (!plan.isStream) return await answerWhole(reply, plan, chunks);
    await answerStream(request, reply, plan, chunks, signal);
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
}

type Chunks = AsyncIterator<ChoiceChunk>;

async function answerWhole(
  reply: FastifyReply,
  { requests, perPrompt, body }: AnswerPlan,
  chunks: Chunks,
): Promise<unknown> {
  const count = requests.length * perPrompt;
  const hasLogprobs = requests.some((one) => one.topLogprobs !== undefined);
  const tally = new ChoiceTally(count, perPrompt);
  const parts = Array.from({ length: count }, () => new ChoiceParts());
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value;
    const { choice = 0 } = chunk;
    if (chunk.kind === "sever") {
      reply.raw.destroy();
      return reply.hijack();
    }
    if (chunk.kind === "finish") {
      if (!tally.finish(choice, chunk.finishReason, chunk.usage) || tally.usage === null) continue;
      const whole = parts.map(({ text, toolCalls, logprobs }, index) => ({
        text,
        toolCalls,
        finishReason: tally.reasonOf(index),
        logprobs: hasLogprobs ? logprobs : null,
      }));
      return body.whole(whole, tally.usage);
    }
    parts[choice]?.add(chunk);
  }
  throw new AppError("upstream_failed", { message: "The answer ended without a reason." });
}

async function answerStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { requests, perPrompt, includesUsage, body }: AnswerPlan,
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
    const tally = new ChoiceTally(requests.length * perPrompt, perPrompt);
    const begun = new Set<number>();
    for (; next.done !== true && tally.usage === null; next = await chunks.next()) {
      const chunk = next.value;
      const { choice = 0 } = chunk;
      if (chunk.kind === "sever") {
        response.destroy();
        return;
      }
      const frame = body.frame(choice, chunk);
      await writeFrame(response, begun.has(choice) ? frame : body.firstFrame(choice) + frame, signal);
      begun.add(choice);
      if (chunk.kind === "finish") tally.finish(choice, chunk.finishReason, chunk.usage);
    }
    if (tally.usage === null)
      throw new AppError("upstream_failed", { message: "The answer ended without a reason." });
    response.end((includesUsage ? body.usageFrame(tally.usage) : "") + doneFrame);
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
