import type { EventSourceMessage } from "eventsource-parser/stream";
import { parseEvent } from "@/app/_data/parse-event";
import { type BattleEvent, battleEventSchema } from "@/lib/protocol";

export function parseBattleEvent(frame: EventSourceMessage): BattleEvent {
  return parseEvent(
    frame,
    ({ text, at, turnId, side }) =>
      typeof text === "string" &&
      Number.isInteger(at) &&
      typeof turnId === "string" &&
      (side === "a" || side === "b"),
    battleEventSchema,
  );
}
