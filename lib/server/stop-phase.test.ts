import { expect, it } from "vitest";
import { beginsWork } from "./stop-phase";

it.each([
  ["POST", "/v1/chat/completions", true],
  ["POST", "/api/battles", true],
  ["POST", "/api/battles/0199/turns", true],
  ["POST", "/api/auth/sign-in/email", true],
  ["DELETE", "/api/conversations/0199", true],
  // What is there is read, voted on and ended to the last.
  ["GET", "/api/battles/0199/events", false],
  ["HEAD", "/v1/models", false],
  ["OPTIONS", "/v1/chat/completions", false],
  ["POST", "/api/battles/0199/vote", false],
  ["POST", "/api/battles/0199/stop?side=a", false],
  // A worker that leaves must not be told to come back.
  ["DELETE", "/api/workers/0199", false],
  ["POST", "/api/workers/0199/heartbeat", false],
  ["POST", "/api/votes-of-workers", true],
])("%s %s begins work: %s", (method, url, begins) => {
  expect(beginsWork({ method, url })).toBe(begins);
});
