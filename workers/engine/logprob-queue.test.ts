import { expect, it } from "vitest";
import { LogprobQueue } from "./logprob-queue";

const entry = (token: string) => ({ token, logprob: -1, bytes: null, top: [] });

it("hands a token out when the last character of its text is out", () => {
  const queue = new LogprobQueue();
  queue.push(entry("ab"), 2);
  queue.push(entry("cd"), 2);
  expect(queue.take(1)).toEqual([]);
  expect(queue.take(1).map(({ token }) => token)).toEqual(["ab"]);
  // Half a character: no text of its own.
  queue.push(entry("?"), 0);
  expect(queue.take(2).map(({ token }) => token)).toEqual(["cd", "?"]);
});
