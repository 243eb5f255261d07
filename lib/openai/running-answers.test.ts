import { expect, it, vi } from "vitest";
import type { AppError } from "@/lib/errors";
import { atEndOfTurn } from "@/lib/http";
import { RunningAnswers } from "./running-answers";

it("a stop waits for what ends by itself", async () => {
  const running = new RunningAnswers();
  const answer = running.begin();
  const onHurry = vi.fn();
  answer.onHurry = onHurry;
  const closed = running.close(60_000);
  running.end(answer);
  await closed;
  expect(onHurry).not.toHaveBeenCalled();
});

it("what takes longer is told, and nothing new is taken", async () => {
  const running = new RunningAnswers();
  const answer = running.begin();
  let told: AppError | null = null;
  answer.onHurry = (error) => {
    told = error;
    running.end(answer);
  };
  await running.close(1);
  expect(told).toMatchObject({ code: "shutting_down" });
  expect(() => running.begin()).toThrow(expect.objectContaining({ code: "shutting_down" }));
});

it("each of many is told once, whatever ended before it", async () => {
  const running = new RunningAnswers();
  const told: number[] = [];
  const answers = Array.from({ length: 6 }, (_, index) => {
    const answer = running.begin();
    answer.onHurry = () => {
      told.push(index);
      running.end(answer);
    };
    return answer;
  });
  for (const index of [0, 5, 2, 2]) {
    const answer = answers[index];
    if (answer !== undefined) running.end(answer);
  }
  await running.close(1);
  expect(told.sort()).toEqual([1, 3, 4]);
});

it("what was answered in the last turn is written before the stop goes on", async () => {
  const running = new RunningAnswers();
  const answer = running.begin();
  const closed = running.close(60_000);
  const write = vi.fn();
  atEndOfTurn(write);
  running.end(answer);
  await closed;
  expect(write).toHaveBeenCalledOnce();
});
