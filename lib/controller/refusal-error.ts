import { AppError } from "@/lib/errors";
import type { Refusal } from "./core/types";

/** What a caller should wait before the next try when no worker of the model is there. */
const outRetryAfterSeconds = 5;

/** A model that nobody serves, or whose workers are all out. Errors are returned, not thrown. */
export function refusalError(reason: Refusal): AppError {
  if (reason === "unknown_model") return new AppError("model_not_found");
  return new AppError("no_worker_available", {
    details: { reason, retryAfterSeconds: outRetryAfterSeconds },
  });
}
