import type { EventSourceMessage } from "eventsource-parser/stream";
import { ApiError } from "@/app/_data/api-error";
import { type ChatEvent, chatEventSchema } from "@/lib/protocol";

/** One frame as an event; a `delta`, of which there are many, is checked field by field. Errors: `unexpected`, `internal`. */
export function parseChatEvent(frame: EventSourceMessage): ChatEvent {
  let value: unknown;
  try {
    value = JSON.parse(frame.data);
  } catch (error) {
    throw new ApiError("unexpected", {}, error);
  }
  if (frame.event === "error") throw new ApiError("internal", {}, value);
  if (isDelta(value)) return value;
  const parsed = chatEventSchema.safeParse(value);
  if (!parsed.success) throw new ApiError("unexpected", {}, parsed.error);
  return parsed.data;
}

function isDelta(value: unknown): value is Extract<ChatEvent, { type: "delta" }> {
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "delta")
    return false;
  const delta = value as Record<string, unknown>;
  return typeof delta.text === "string" && Number.isInteger(delta.at) && typeof delta.messageId === "string";
}
