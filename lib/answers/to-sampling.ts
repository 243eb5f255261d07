import type { ChatParameters } from "@/lib/protocol";
import type { SamplingParameters } from "./stream-answer";

/** The parameters under OpenAI's names; what is not set is not sent, so that the model's own default holds. */
export function toSampling(parameters: ChatParameters): SamplingParameters {
  const { temperature, topP, topK, seed, stop, presencePenalty, frequencyPenalty } = parameters;
  const named = {
    temperature,
    top_p: topP,
    top_k: topK,
    seed,
    stop: stop?.length === 0 ? undefined : stop,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
