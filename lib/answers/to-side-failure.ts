import type { SideFailure } from "@/lib/protocol";

/** An error's code as one of the four kinds that leave the server: the words for it are the same whichever model it was. */
export function toSideFailure(code: string): SideFailure {
  switch (code) {
    case "no_worker_available":
    case "model_not_found":
      return "no_worker";
    case "context_length_exceeded":
      return "prompt_too_long";
    case "invalid_request":
    case "unsupported_parameter":
      return "refused";
    default:
      return "interrupted";
  }
}
