import { isUtf8 } from "node:buffer";
import { AppError } from "@/lib/errors";

/** Items of a list, and parts of their content over all of them. Checking more would keep the event loop from everyone else. */
const maxItems = 10_000;
const maxParts = 10_000;

/** The body of a request as an object. Errors: `invalid_json`, `invalid_request`. */
export function readBody(body: unknown): Record<string, unknown> {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new AppError("invalid_json", { message: "The body is empty; a JSON object is needed." });
  }
  if (!isUtf8(body)) throw new AppError("invalid_json", { message: "The body is not valid UTF-8." });
  const value = parseJson(body.toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AppError("invalid_request", { message: "The body must be a JSON object." });
  }
  return value as Record<string, unknown>;
}

/** Refuses a conversation that is too long to be looked at. Errors: `invalid_request` with `param`. */
export function requireBoundedWork(fields: Record<string, unknown>, param: "messages" | "input"): void {
  const items = fields[param];
  if (!Array.isArray(items)) return;
  let parts = 0;
  for (const item of items as ({ content?: unknown } | null)[]) {
    if (Array.isArray(item?.content)) parts += item.content.length;
  }
  if (items.length <= maxItems && parts <= maxParts) return;
  throw new AppError("invalid_request", {
    message: `${param}: at most ${maxItems} ${param === "messages" ? "messages" : "items"} with ${maxParts} parts of content are taken`,
    param,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_json", { message: "The body could not be parsed as JSON.", cause });
  }
}
