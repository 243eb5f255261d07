import { randomInt } from "node:crypto";
import { AppError } from "@/lib/errors";
import { Answer } from "../answer";
import { IncrementalDetokenizer } from "../detokenizer";
import { StopMatcher } from "../stop-matcher";
import type { GenerateChunk, GenerateRequest, SampledLogprob } from "../types";
import type { DecoderSequence } from "./decoder-sequence";
import type { LoadedModel } from "./load-model";
import { rawLogprobs } from "./logprobs";
import { seededRandom } from "./random";
import { type SamplerSettings, sampleToken } from "./sampler";
import type { TransformersTextCodec } from "./transformers-text-codec";

/** Prompt tokens of one step: other slots get their turn after it, and logits are made for all of them. */
const promptTokensPerStep = 128;

/**
 * One answer, step by step; gives its tokens per second. The signal is looked at before each step.
 * Errors: `invalid_request` for a bias of an unknown token; the signal's reason.
 */
export async function* generateAnswer(
  loaded: LoadedModel,
  sequence: DecoderSequence,
  prompt: readonly number[],
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateChunk, number | null, undefined> {
  const { codec, endOfTurn } = loaded;
  const settings = samplerSettings(loaded, request);
  const random = seededRandom(request.sampling.seed ?? randomInt(2 ** 32));
  const counts = new Map<number, number>();
  const chunks: GenerateChunk[] = [];
  const room = loaded.contextLength - prompt.length;
  const { topLogprobs } = request;
  let logits: Float32Array = new Float32Array();
  const answer = new Answer({
    promptTokens: prompt.length,
    maxTokens: Math.min(request.maxTokens ?? room, room),
    detokenizer: new IncrementalDetokenizer(
      (tokens, before) => codec.detokenizeAnswer(tokens, before),
      prompt,
    ),
    stopMatcher: new StopMatcher(request.stop),
    emit: (chunk) => chunks.push(chunk),
    logprobOf:
      topLogprobs === undefined ? null : (token) => sampledLogprob(codec, logits, token, topLogprobs),
  });
  // The last token is evaluated in any case: its logits are what the answer begins with.
  const reusable = request.mayReusePrefix ? sequence.commonLength(prompt) : 0;
  const cached = sequence.keep(Math.min(reusable, prompt.length - 1));
  answer.start(cached);
  for (let at = cached; at < prompt.length; at += promptTokensPerStep) {
    signal.throwIfAborted();
    logits = await sequence.evaluate(prompt.slice(at, at + promptTokensPerStep));
  }
  while (true) {
    signal.throwIfAborted();
    const token = sampleToken(logits, settings, counts, random);
    counts.set(token, (counts.get(token) ?? 0) + 1);
    const isEnd = endOfTurn.has(token) && !request.ignoresEndOfTurn;
    if (isEnd) answer.end();
    const goesOn = !isEnd && answer.push(token);
    yield* chunks.splice(0);
    if (!goesOn) return answer.tokensPerSecond();
    signal.throwIfAborted();
    logits = await sequence.evaluate([token]);
  }
}

/** What the request says, and where it says nothing, the model's own defaults. */
function samplerSettings({ codec, defaults }: LoadedModel, { sampling }: GenerateRequest): SamplerSettings {
  const bias = new Map(
    Object.entries(sampling.logitBias ?? {}).map(([id, value]) => [Number(id), value] as const),
  );
  const unknown = [...bias.keys()].find((id) => id >= codec.vocabularySize);
  if (unknown !== undefined) {
    const param = `logit_bias.${unknown}`;
    throw new AppError("invalid_request", { message: `The model has no token ${unknown}.`, param });
  }
  return {
    temperature: sampling.temperature ?? defaults.temperature,
    topK: sampling.topK ?? defaults.topK,
    topP: sampling.topP ?? defaults.topP,
    minP: sampling.minP ?? defaults.minP,
    repeatPenalty: sampling.repeatPenalty ?? defaults.repeatPenalty,
    frequencyPenalty: sampling.frequencyPenalty ?? defaults.frequencyPenalty,
    presencePenalty: sampling.presencePenalty ?? defaults.presencePenalty,
    bias,
  };
}

function sampledLogprob(
  codec: TransformersTextCodec,
  logits: Float32Array,
  token: number,
  top: number,
): SampledLogprob {
  const raw = rawLogprobs(logits, token, top);
  return {
    ...codec.nameToken(token, raw.sampled),
    top: raw.top.map(([id, logprob]) => codec.nameToken(id, logprob)),
  };
}
