import { describe, expect, it } from "vitest";
import { isJudgeable } from ".";

const finished = (text: string) => ({ status: "finished" as const, text });
const stopped = (text: string) => ({ status: "stopped" as const, text });

describe("a turn can be judged", () => {
  it.each([
    ["two answers", finished("x"), finished("y"), true],
    ["two that were stopped after their first word", stopped("x"), stopped("y"), true],
    ["one of a model that had nothing to say", finished("x"), finished(""), true],
    ["none: both were stopped before their first word", stopped(""), stopped(""), false],
    ["none: one side was stopped before its first word", finished("x"), stopped(""), false],
    ["none: white space is no word", stopped("x"), stopped(" \n"), false],
    ["none: neither model had anything to say", finished(""), finished(""), false],
    ["a hidden one was read before", finished("x"), { ...stopped(""), isHidden: true as const }, true],
  ])("%s", (_, a, b, expected) => {
    expect(isJudgeable({ a, b })).toBe(expected);
    expect(isJudgeable({ a: b, b: a })).toBe(expected);
  });
});
