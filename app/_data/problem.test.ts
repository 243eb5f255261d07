import { expect, it } from "vitest";
import type { RateLimitDetails } from "@/lib/protocol";
import { ApiError } from "./api-error";
import { problemOf } from "./problem";

const details: RateLimitDetails = {
  ...{ retryAfterSeconds: 252, limit: "votes", scope: "network", max: 60, windowSeconds: 3600 },
};

it("says which limit was reached, of whom, and when it passes again", () => {
  const before = Date.now();
  const problem = problemOf(new ApiError("rate_limited", { ...details }), true);
  expect(problem).toMatchObject({ code: "rate_limited", limit: details, isTextKept: true });
  expect(problem.retryAt).toBeGreaterThanOrEqual(before + 252_000);
});

it("takes a refusal without details, and takes other errors' details for no limit", () => {
  const bare = problemOf(new ApiError("rate_limited", { retryAfterSeconds: 3 }), false);
  expect(bare.limit).toBeNull();
  expect(bare.retryAt).not.toBeNull();
  const busy = problemOf(new ApiError("no_worker_available", { ...details }), false);
  expect(busy).toMatchObject({ limit: null, retryAt: null });
});
