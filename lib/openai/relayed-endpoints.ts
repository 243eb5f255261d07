import {
  type ChatParams,
  type CompletionParams,
  chatParamsSchema,
  completionParamsSchema,
  embeddingParamsSchema,
  tokenizeParamsSchema,
} from "@/lib/openai-schema";
import { parseInput } from "@/lib/protocol";
import { conversationKey } from "./conversation-key";
import { usageOf } from "./find-usage";
import { readBody, requireBoundedWork } from "./read-body";
import type { Endpoint, Plan } from "./serve-endpoint";
import { requireStreamOptions } from "./stream-options";
import { UsageFrames } from "./usage-frames";

/** Endpoints whose answers go to the client as the worker wrote them. */

/** Reserved for an answer whose length is not limited. */
const usualAnswerTokens = 512;
/** OpenAI's default for raw completions. */
const defaultCompletionTokens = 16;

export const chatEndpoint: Endpoint = {
  name: "chat",
  plan: (body) => {
    const fields = readBody(body);
    requireBoundedWork(fields, "messages");
    const params = parseInput(chatParamsSchema, fields);
    const most = params.max_completion_tokens ?? params.max_tokens ?? usualAnswerTokens;
    const affinityKey = conversationKey(params.model, params.messages);
    const path = "/v1/chat/completions";
    return streamed(body as Buffer, params, most, { path, capability: "chat", affinityKey });
  },
};

export const completionsEndpoint: Endpoint = {
  name: "completions",
  plan: (body) => {
    const params = parseInput(completionParamsSchema, readBody(body));
    const most = params.max_tokens ?? defaultCompletionTokens;
    return streamed(body as Buffer, params, most, { path: "/v1/completions", capability: "completion" });
  },
};

export const embeddingsEndpoint: Endpoint = {
  name: "embeddings",
  plan: (body) => {
    const { model } = parseInput(embeddingParamsSchema, readBody(body));
    return relayed(body as Buffer, model, { path: "/v1/embeddings", capability: "embedding" });
  },
};

export const tokenizeEndpoint: Endpoint = {
  name: "tokenize",
  plan: (body) => {
    const { model } = parseInput(tokenizeParamsSchema, readBody(body));
    return relayed(body as Buffer, model, { path: "/v1/tokenize", capability: null });
  },
};

type Shape = Pick<Plan, "path" | "capability" | "affinityKey">;

const asItCame = (answer: Buffer): Buffer => answer;
const withUsage = (answer: Buffer): ReturnType<Plan["whole"]> => ({ body: answer, counts: usageOf(answer) });
const usageFrames = { asked: () => new UsageFrames(true), added: () => new UsageFrames(false) };

/** In one literal, as it is made for every request: spread together from parts it would cost a dozen times as much. */
function planOf(
  model: string,
  body: Buffer,
  shape: Shape,
  events: { isStream: boolean; isUsageAsked: boolean; maxAnswerTokens: number },
): Plan {
  return {
    model,
    path: shape.path,
    body,
    isStream: events.isStream,
    capability: shape.capability,
    affinityKey: shape.affinityKey,
    maxAnswerTokens: events.maxAnswerTokens,
    filter: events.isUsageAsked ? usageFrames.asked : usageFrames.added,
    whole: withUsage,
    refusal: asItCame,
  };
}

const allTokensTold = { isStream: false, isUsageAsked: true, maxAnswerTokens: 0 };

/** No events, and an answer without tokens. */
const relayed = (body: Buffer, model: string, shape: Shape): Plan =>
  planOf(model, body, shape, allTokensTold);

function streamed(body: Buffer, params: ChatParams | CompletionParams, most: number, shape: Shape): Plan {
  requireStreamOptions(params);
  const isUsageAsked = params.stream_options?.include_usage === true;
  const isStream = params.stream === true;
  const bytes = isStream && !isUsageAsked ? askingForUsage(body, params.stream_options ?? {}) : body;
  const maxAnswerTokens = Math.max(0, most) * Math.max(1, params.n ?? 1);
  return planOf(params.model, bytes, shape, { isStream, isUsageAsked, maxAnswerTokens });
}

const closingBrace = 0x7d;

/**
 * The client's bytes with `stream_options.include_usage` at their end, so that the tokens of a stream can be counted; the
 * answer is stripped of it again. Of a key that is there twice, JSON parsers take the last.
 */
export function askingForUsage(body: Buffer, given: object): Buffer {
  const end = body.lastIndexOf(closingBrace);
  const addition = `,"stream_options":${JSON.stringify({ ...given, include_usage: true })}`;
  return Buffer.concat([body.subarray(0, end), Buffer.from(addition), body.subarray(end)]);
}
