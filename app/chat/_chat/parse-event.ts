import type { EventSourceMessage } from "eventsource-parser/stream";
import { parseEvent } from "@/app/_data/parse-event";
import { type ChatEvent, chatEventSchema } from "@/lib/protocol";

export function parseChatEvent(frame: EventSourceMessage): ChatEvent {
  return parseEvent(
    frame,
    ({ text, at, messageId }) =>
      typeof text === "string" && Number.isInteger(at) && typeof messageId === "string",
    chatEventSchema,
  );
}
