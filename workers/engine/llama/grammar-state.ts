import { type Llama, LlamaGrammar, LlamaGrammarEvaluationState, type LlamaModel } from "node-llama-cpp";
import { AppError } from "@/lib/errors";

/** The state of one answer's grammar. Errors: `invalid_request` when llama.cpp refuses it, as for rules without an end. */
export function toGrammarState(
  llama: Llama,
  model: LlamaModel,
  grammar: string,
): LlamaGrammarEvaluationState {
  try {
    return new LlamaGrammarEvaluationState({ model, grammar: new LlamaGrammar(llama, { grammar }) });
  } catch (cause) {
    throw new AppError("invalid_request", {
      message:
        "The schemas of this request give no usable grammar, as where one refers to nothing but itself.",
      cause,
    });
  }
}
