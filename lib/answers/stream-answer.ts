import { createParser } from "eventsource-parser";
import { affinityKeyOf, type Controller } from "@/lib/controller";
import { AppError } from "@/lib/errors";
import {
  type ChatMessage,
  chatCompletionChunkSchema,
  type FinishReason,
  openAiErrorBodySchema,
  toFinishReason,
  type Usage,
} from "@/lib/protocol";

/** Fields of OpenAI's API beside `max_tokens`; what is absent is the engine's choice. `top_k` is llama-server's and vLLM's. */
export type SamplingParameters = {
  temperature?: number;
  top_p?: number;
  top_k?: number;
  seed?: number;
  stop?: readonly string[];
  presence_penalty?: number;
  frequency_penalty?: number;
};

export type AnswerRequest = {
  model: string;
  messages: readonly ChatMessage[];
  maxTokens: number;
  sampling?: SamplingParameters;
  requestId: string;
  onQueued?: (ahead: number) => void;
  signal: AbortSignal;
};

export type AnswerPiece =
  | { type: "claimed"; workerId: string; queueWaitMs: number }
  | { type: "text"; text: string }
  | { type: "end"; finishReason: FinishReason; usage: Usage | null };

/** An error body larger than this is cut: it is only read for its message. */
const maxErrorBytes = 64 * 1024;

/**
 * One answer of one model, piece by piece, ending with exactly one `end`. Everything of the worker's stream that could
 * tell models apart (ids, model name, fingerprint, chunking of roles) is dropped here.
 * Errors: those of `dispatch`; `context_length_exceeded`, `unsupported_parameter` and `invalid_request`, the last two with
 * `param`, as the worker refused; `upstream_failed`
 * when the stream broke off, said `error`, or ended without a finish reason.
 */
export async function* streamAnswer(
  controller: Pick<Controller, "dispatch">,
  request: AnswerRequest,
): AsyncGenerator<AnswerPiece> {
  const response = await controller.dispatch({
    model: request.model,
    path: "/v1/chat/completions",
    body: JSON.stringify({
      model: request.model,
      messages: request.messages,
      max_tokens: request.maxTokens,
      ...request.sampling,
      stream: true,
      stream_options: { include_usage: true },
    }),
    requestId: request.requestId,
    priority: "interactive",
    affinityKey: affinityKeyOf([request.model, openingOf(request.messages)]),
    onQueued: request.onQueued,
    signal: request.signal,
  });
  try {
    if (response.status !== 200) throw await readRefusal(response.body);
    yield { type: "claimed", workerId: response.workerId, queueWaitMs: response.queueWaitMs };
    let finishReason: FinishReason | null = null;
    let usage: Usage | null = null;
    for await (const data of eventData(response.body)) {
      if (data === "[DONE]") break;
      const chunk = chatCompletionChunkSchema.parse(JSON.parse(data));
      if (chunk.error) throw new AppError("upstream_failed", { cause: chunk.error });
      usage = chunk.usage ?? usage;
      const choice = chunk.choices?.[0];
      // PostgreSQL cannot store U+0000 in text.
      const text = choice?.delta?.content?.replaceAll("\u0000", "\uFFFD") ?? "";
      if (text !== "") yield { type: "text", text };
      if (choice?.finish_reason) finishReason = toFinishReason(choice.finish_reason);
    }
    if (finishReason === null)
      throw new AppError("upstream_failed", { cause: "the stream ended without a finish reason" });
    yield { type: "end", finishReason, usage };
  } finally {
    response.body.destroy();
  }
}

/** What all turns of a conversation begin with: a worker that has read it before need not read it again. */
function openingOf(messages: readonly ChatMessage[]): string {
  const first = messages.find(({ role }) => role === "user");
  return JSON.stringify(first?.content ?? null);
}

/** The `data` of each SSE event, in order, as the bytes arrive. */
async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const ready: string[] = [];
  const parser = createParser({ onEvent: (event) => ready.push(event.data) });
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
}

async function readRefusal(body: AsyncIterable<Uint8Array>): Promise<AppError> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > maxErrorBytes) break;
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const parsed = openAiErrorBodySchema.safeParse(parseJson(text));
  const { code, param } = parsed.success ? parsed.data.error : {};
  const isKnown = code === "context_length_exceeded" || code === "unsupported_parameter";
  return new AppError(isKnown ? code : "invalid_request", {
    param: param ?? undefined,
    cause: parsed.success ? parsed.data.error : text.slice(0, 500),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not JSON: the caller keeps the text itself as the cause.
  }
}
