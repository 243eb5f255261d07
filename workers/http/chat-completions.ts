import type { FastifyReply, FastifyRequest } from "fastify";
import { parseChatRequest } from "../engine/chat-request";
import type { Engine } from "../engine/types";
import { answerRequest, requireModel } from "./answer-request";
import { ChatCompletionBody } from "./chat-completion-body";
import type { OpenRequests } from "./open-requests";

/** Handler of `POST /v1/chat/completions`. Errors before the first byte are thrown; later ones become an error frame. */
export function chatCompletions(engine: Engine, open: OpenRequests) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { generate, choices, isStream, includesUsage } = parseChatRequest(request.body, (name) =>
      engine.models().some((model) => model.name === name && model.capabilities.includes("vision")),
    );
    requireModel(engine, generate.model, "chat");
    const body = new ChatCompletionBody(generate.model, Date.now(), includesUsage);
    return answerRequest(engine, open, request, reply, {
      requests: [generate],
      perPrompt: choices,
      isStream,
      includesUsage,
      body,
    });
  };
}
