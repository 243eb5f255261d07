import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/errors";
import { type ChatCompletionRequest, chatCompletionRequestSchema, parseInput } from "@/lib/protocol";

/** More would only keep the event loop busy with checking them. */
const maxMessages = 10_000;

/**
 * The least that routing needs to know of the body; the bytes themselves go to the worker unchanged.
 * Errors: `invalid_json`, `invalid_request` with `param`.
 */
export function parseChatRequest(body: unknown): ChatCompletionRequest {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new AppError("invalid_json", { message: "The body is empty; a JSON object is needed." });
  }
  if (!isUtf8(body)) throw new AppError("invalid_json", { message: "The body is not valid UTF-8." });
  const value = parseJson(body.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AppError("invalid_request", { message: "The body must be a JSON object." });
  }
  const { messages } = value as { messages?: unknown };
  if (Array.isArray(messages) && messages.length > maxMessages) {
    throw new AppError("invalid_request", {
      message: `messages: at most ${maxMessages} messages are taken`,
      param: "messages",
    });
  }
  return parseInput(chatCompletionRequestSchema, value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_json", { message: "The body could not be parsed as JSON.", cause });
  }
}
