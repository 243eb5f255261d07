import type { EventSourceMessage } from "eventsource-parser/stream";
import type { z } from "zod";
import { ApiError } from "./api-error";

/**
 * One frame of an answer's stream as an event. Hundreds of pieces arrive each second, so `isDelta` checks those field by
 * field; everything else goes through the schema. Errors: `unexpected` for what does not follow the contract, `internal`
 * for an error frame.
 */
export function parseEvent<T>(
  frame: EventSourceMessage,
  isDelta: (value: { type: "delta" } & Record<string, unknown>) => boolean,
  schema: z.ZodType<T>,
): T {
  let value: unknown;
  try {
    value = JSON.parse(frame.data);
  } catch (error) {
    throw new ApiError("unexpected", {}, error);
  }
  if (frame.event === "error") throw new ApiError("internal", {}, value);
  if (typeof value === "object" && value !== null && "type" in value && value.type === "delta") {
    if (isDelta(value as { type: "delta" } & Record<string, unknown>)) return value as T;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ApiError("unexpected", {}, parsed.error);
  return parsed.data;
}
