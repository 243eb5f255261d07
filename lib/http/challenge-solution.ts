import type { IncomingHttpHeaders } from "node:http";
import { challengeHeader } from "@/lib/protocol";

/** What a browser has answered to a challenge. */
export function challengeSolution(headers: IncomingHttpHeaders): string | undefined {
  const solution = headers[challengeHeader];
  return typeof solution === "string" ? solution : undefined;
}
