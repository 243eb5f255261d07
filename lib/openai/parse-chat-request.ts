import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/errors";
import { type ChatCompletionRequest, chatCompletionRequestSchema, parseInput } from "@/lib/protocol";

/** Messages, and parts of content over all messages. Checking more would keep the event loop from everyone else. */
const maxMessages = 10_000;
const maxParts = 10_000;

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
  requireBoundedWork((value as { messages?: unknown }).messages);
  return parseInput(chatCompletionRequestSchema, value);
}

function requireBoundedWork(messages: unknown): void {
  if (!Array.isArray(messages)) return;
  let parts = 0;
  for (const message of messages as { content?: unknown }[]) {
    if (Array.isArray(message?.content)) parts += message.content.length;
  }
  if (messages.length <= maxMessages && parts <= maxParts) return;
  throw new AppError("invalid_request", {
    message: `messages: at most ${maxMessages} messages with ${maxParts} parts of content are taken`,
    param: "messages",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_json", { message: "The body could not be parsed as JSON.", cause });
  }
}
