import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";
import { parseCompletionRequest } from "../engine/completion-request";
import type { Engine, GenerateRequest } from "../engine/types";
import { answerRequest, requireModel } from "./answer-request";
import { CompletionBody } from "./completion-body";
import type { OpenRequests } from "./open-requests";

/** Handler of `POST /v1/completions`. Errors before the first byte are thrown; later ones become an error frame. */
export function completions(engine: Engine, open: OpenRequests) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { prompts, choices, echoesPrompt, isStream, includesUsage } = parseCompletionRequest(request.body);
    const model = prompts[0]?.model ?? "";
    requireModel(engine, model, "completion");
    if (
      prompts.some(({ prompt }) => prompt.kind === "text" && prompt.suffix !== undefined) &&
      engine.fillsIn?.(model) !== true
    ) {
      throw new AppError("unsupported_parameter", {
        message: `The model "${model}" does not fill in, so it takes no "suffix".`,
        param: "suffix",
      });
    }
    const echoes = prompts.map((prompt) => (echoesPrompt ? textOf(engine, prompt) : ""));
    return answerRequest(engine, open, request, reply, {
      requests: prompts,
      perPrompt: choices,
      isStream,
      includesUsage,
      body: new CompletionBody(model, Date.now(), { includesUsage, echoes, perPrompt: choices }),
    });
  };
}

function textOf(engine: Engine, { model, prompt }: GenerateRequest): string {
  if (prompt.kind === "text") return prompt.text;
  return prompt.kind === "tokens" ? engine.detokenize(model, prompt.tokens) : "";
}
