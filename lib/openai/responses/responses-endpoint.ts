import { AppError } from "@/lib/errors";
import { chatCompletionSchema, responseParamsSchema } from "@/lib/openai-schema";
import { openAiErrorBodySchema, parseInput } from "@/lib/protocol";
import { conversationKey } from "../conversation-key";
import { countsOf } from "../find-usage";
import { readBody, requireBoundedWork } from "../read-body";
import type { Endpoint } from "../serve-endpoint";
import { ResponseEvents } from "./response-events";
import { newResponse, toResponse } from "./response-object";
import { toChatRequest } from "./to-chat-request";

/** Reserved for an answer whose length is not limited. */
const usualAnswerTokens = 512;

/** `POST /v1/responses` over the workers' chats, without a memory. Source: OpenAI API reference, "Responses". */
export const responsesEndpoint: Endpoint = {
  name: "responses",
  plan: (body) => {
    const fields = readBody(body);
    requireBoundedWork(fields, "input");
    const params = parseInput(responseParamsSchema, fields);
    const chat = toChatRequest(params);
    const asked = newResponse(params, Date.now());
    return {
      model: params.model,
      path: "/v1/chat/completions",
      body: chat.body,
      isStream: params.stream === true,
      capability: "chat",
      affinityKey: conversationKey(params.model, chat.messages),
      maxAnswerTokens: Math.max(0, params.max_output_tokens ?? usualAnswerTokens),
      filter: () => new ResponseEvents(asked, Date.now),
      whole: (answer) => {
        const completion = chatCompletionSchema.safeParse(parseJson(answer));
        if (!completion.success) throw new AppError("upstream_failed", { cause: completion.error });
        const response = toResponse(asked, completion.data, Date.now());
        return { body: JSON.stringify(response), counts: countsOf(completion.data.usage) };
      },
      refusal: (answer) => translateRefusal(answer, chat.paramOf),
    };
  },
};

/** A worker speaks of the chat's fields; the client knows the response's. */
function translateRefusal(answer: Buffer, paramOf: (param: string) => string): Buffer | string {
  const parsed = openAiErrorBodySchema.safeParse(parseJson(answer));
  const param = parsed.data?.error.param;
  if (!parsed.success || param === null || param === undefined) return answer;
  const named = paramOf(param);
  const message = parsed.data.error.message.replaceAll(param, named);
  return JSON.stringify({ error: { ...parsed.data.error, param: named, message } });
}

/** Undefined where it is no JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // Each caller has its own word for it.
    return undefined;
  }
}
