import type { EventSourceMessage } from "eventsource-parser/stream";
import { ApiError } from "@/app/_data/api-error";
import { type BattleEvent, battleEventSchema } from "@/lib/protocol";

/**
 * One frame as an event. Hundreds of pieces arrive each second, so a `delta` is checked field by field; everything else
 * goes through the schema. Errors: `unexpected` for what does not follow the contract, or the error frame's own code.
 */
export function parseBattleEvent(frame: EventSourceMessage): BattleEvent {
  let value: unknown;
  try {
    value = JSON.parse(frame.data);
  } catch (error) {
    throw new ApiError("unexpected", {}, error);
  }
  if (frame.event === "error") throw new ApiError("internal", {}, value);
  if (isDelta(value)) return value;
  const parsed = battleEventSchema.safeParse(value);
  if (!parsed.success) throw new ApiError("unexpected", {}, parsed.error);
  return parsed.data;
}

function isDelta(value: unknown): value is Extract<BattleEvent, { type: "delta" }> {
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "delta")
    return false;
  const delta = value as Record<string, unknown>;
  return (
    typeof delta.text === "string" &&
    Number.isInteger(delta.at) &&
    typeof delta.turnId === "string" &&
    (delta.side === "a" || delta.side === "b")
  );
}
