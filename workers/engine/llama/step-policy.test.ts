import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseFillers, chooseSlot, minPrefixGain, planStep, type SlotView } from "./step-policy";

const limits = { batchTokens: 512, promptTokensBesideAnswers: 128 };
const slot = (id: number, promptLeft: number, lastStep = 0): SlotView => ({ id, promptLeft, lastStep });

describe("planStep", () => {
  it("gives every answer its token, in ascending ids", () => {
    expect(planStep([slot(2, 0), slot(0, 0), slot(1, 0)], limits)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 0 },
      { id: 2, promptTokens: 0 },
    ]);
  });

  it("feeds a long prompt in chunks beside running answers", () => {
    expect(planStep([slot(0, 0), slot(1, 1500)], limits)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 128 },
    ]);
  });

  it("fills the batch with prompt when nobody waits for a token", () => {
    expect(planStep([slot(0, 1500)], limits)).toEqual([{ id: 0, promptTokens: 512 }]);
  });

  it("shares equally and hands on what a short prompt leaves over", () => {
    expect(planStep([slot(0, 0), slot(1, 1000), slot(2, 10), slot(3, 1000)], limits)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 59 },
      { id: 2, promptTokens: 10 },
      { id: 3, promptTokens: 59 },
    ]);
  });

  it("lets the longest-waiting ones go first when not all fit", () => {
    const tight = { batchTokens: 2, promptTokensBesideAnswers: 2 };
    expect(planStep([slot(0, 0, 9), slot(1, 0, 3), slot(2, 0, 5)], tight).map((item) => item.id)).toEqual([
      1, 2,
    ]);
  });

  it("plans nothing for nobody", () => {
    expect(planStep([], limits)).toEqual([]);
  });

  const views = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 64 }).chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({
          id: fc.constant(id),
          promptLeft: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
          lastStep: fc.nat(50),
        }),
      ),
    ),
  );
  const anyLimits = fc.record({
    batchTokens: fc.integer({ min: 1, max: 600 }),
    promptTokensBesideAnswers: fc.integer({ min: 1, max: 256 }),
  });

  it("never exceeds a decode, never gives a prompt more than it has, and ascends strictly", () => {
    fc.assert(
      fc.property(views, anyLimits, (slots, someLimits) => {
        const plan = planStep(slots, someLimits);
        const total = plan.reduce((sum, item) => sum + Math.max(1, item.promptTokens), 0);
        expect(total).toBeLessThanOrEqual(someLimits.batchTokens);
        for (const [index, item] of plan.entries()) {
          const view = slots.find((candidate) => candidate.id === item.id);
          expect(item.promptTokens).toBeLessThanOrEqual(view?.promptLeft ?? -1);
          expect(item.promptTokens > 0).toBe((view?.promptLeft ?? 0) > 0);
          if (index > 0) expect(item.id).toBeGreaterThan(plan[index - 1]?.id ?? -1);
        }
      }),
    );
  });

  it("starves nobody, though only two prompt tokens fit into a step", () => {
    const tight = { batchTokens: 64, promptTokensBesideAnswers: 2 };
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        (prompts, answers) => {
          const reading = prompts.map((promptLeft, id) => slot(id, promptLeft));
          const answering = Array.from({ length: answers }, (_, index) => slot(reading.length + index, 0));
          let longestWait = 0;
          let step = 0;
          while (reading.some((view) => view.promptLeft > 0)) {
            step++;
            const left = reading.filter((view) => view.promptLeft > 0);
            const plan = planStep([...left, ...answering], tight);
            if (!answering.every((view) => plan.some((item) => item.id === view.id))) return false;
            for (const item of plan) {
              const view = [...left, ...answering].find((candidate) => candidate.id === item.id);
              if (view === undefined) return false;
              longestWait = Math.max(longestWait, step - view.lastStep);
              view.promptLeft -= item.promptTokens;
              view.lastStep = step;
            }
          }
          return longestWait <= prompts.length;
        },
      ),
    );
  });
});

describe("chooseSlot", () => {
  it("takes the lowest free id", () => {
    expect(chooseSlot([3, 1, 2].map((id) => ({ id, commonPrefix: 0 })))?.id).toBe(1);
  });

  it("takes a warm slot only where that saves clearly more", () => {
    expect(
      chooseSlot([
        { id: 0, commonPrefix: 0 },
        { id: 2, commonPrefix: minPrefixGain },
      ])?.id,
    ).toBe(2);
    expect(
      chooseSlot([
        { id: 0, commonPrefix: 0 },
        { id: 2, commonPrefix: minPrefixGain - 1 },
      ])?.id,
    ).toBe(0);
  });

  it("has nothing to give when all are busy", () => {
    expect(chooseSlot([])).toBeNull();
  });
});

describe("chooseFillers", () => {
  const items = (...given: [id: number, promptTokens: number][]) =>
    given.map(([id, promptTokens]) => ({ id, promptTokens }));
  const answering = (...ids: number[]) => items(...ids.map((id): [number, number] => [id, 0]));

  it("closes gaps of one idle id, between those that take part", () => {
    expect(chooseFillers(answering(0, 2, 3, 5, 6), new Set([1, 4, 7]))).toEqual([1, 4]);
    expect(chooseFillers(answering(2, 3), new Set([0, 1, 4]))).toEqual([]);
  });

  it("leaves wider gaps, and ids that are not idle", () => {
    expect(chooseFillers(answering(0, 3), new Set([1, 2]))).toEqual([]);
    expect(chooseFillers(answering(0, 2, 4), new Set([3]))).toEqual([3]);
  });

  it("does nothing while two prompts are read, which one token more would split", () => {
    expect(chooseFillers(items([0, 64], [2, 64]), new Set([1]))).toEqual([]);
    expect(chooseFillers(items([0, 64], [2, 0]), new Set([1]))).toEqual([1]);
  });
});
