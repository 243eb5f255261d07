import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import type { Engine } from "../engine/types";

export const tokenizeRequestSchema = z.strictObject({
  model: z.string().min(1).max(256),
  input: z.string().max(1_000_000),
});

/** Handler of `POST /v1/tokenize`, our own: the ids that `/v1/completions` would have for the same text. */
export function tokenize(engine: Engine) {
  return (request: FastifyRequest): { count: number; tokens: number[] } => {
    const { model, input } = parseInput(tokenizeRequestSchema, request.body);
    if (!engine.models().some(({ name }) => name === model)) {
      throw new AppError("model_not_found", {
        message: `The model "${model}" is not served here.`,
        param: "model",
      });
    }
    const tokens = engine.tokenize(model, input);
    return { count: tokens.length, tokens };
  };
}
