import { type LlamaModel, type Token, TokenBias } from "node-llama-cpp";
import { AppError } from "@/lib/errors";

/** Null without a bias. Errors: `invalid_request` for an unknown id, `unsupported_parameter` for an end-of-turn token. */
export function toTokenBias(
  model: LlamaModel,
  biases: Readonly<Record<string, number>> | undefined,
): TokenBias | null {
  const entries = Object.entries(biases ?? {});
  if (entries.length === 0) return null;
  const vocabularySize = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.length ?? Number.POSITIVE_INFINITY;
  const tokenBias = TokenBias.for(model);
  for (const [id, logit] of entries) {
    const token = Number(id) as Token;
    const param = `logit_bias.${id}`;
    if (token >= vocabularySize) {
      throw new AppError("invalid_request", { message: `The model has no token ${id}.`, param });
    }
    // The library leaves these out without a word.
    if (model.isEogToken(token)) {
      throw new AppError("unsupported_parameter", {
        message: `The token ${id} ends the turn, and this engine cannot bias such a token.`,
        param,
      });
    }
    tokenBias.set(token, { logit });
  }
  return tokenBias;
}
