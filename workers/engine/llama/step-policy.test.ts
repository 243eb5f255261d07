import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseFillers,
  chooseSlot,
  maxPassedOver,
  minPrefixGain,
  planStep,
  type SlotView,
} from "./step-policy";

const limits = { batchTokens: 512, promptTokensBesideAnswers: 128 };
const slot = (id: number, promptLeft: number, lastStep = 0, arrivedAt = 0): SlotView => ({
  id,
  promptLeft,
  lastStep,
  arrivedAt,
});

describe("planStep", () => {
  it("gives every answer its token, in ascending ids", () => {
    expect(planStep([slot(2, 0), slot(0, 0), slot(1, 0)], limits, 1)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 0 },
      { id: 2, promptTokens: 0 },
    ]);
  });

  it("feeds a long prompt in chunks beside running answers", () => {
    expect(planStep([slot(0, 0), slot(1, 1500)], limits, 1)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 128 },
    ]);
  });

  it("fills the batch with prompt when nobody waits for a token", () => {
    expect(planStep([slot(0, 1500)], limits, 1)).toEqual([{ id: 0, promptTokens: 512 }]);
  });

  it("reads the prompt with the least left whole, then the next ones", () => {
    expect(planStep([slot(0, 0), slot(1, 1000), slot(2, 10), slot(3, 900)], limits, 1)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 2, promptTokens: 10 },
      { id: 3, promptTokens: 118 },
    ]);
  });

  it("lets no newcomer overtake once more was evaluated than it is shorter by", () => {
    const early = slot(0, 1000, 0, 0);
    const first = (late: SlotView) => planStep([early, late], { ...limits, batchTokens: 8 }, 1)[0]?.id;
    expect(first(slot(1, 100, 0, 899))).toBe(1);
    expect(first(slot(1, 100, 0, 901))).toBe(0);
  });

  it("gives a quarter to the prompt that was passed over for too long", () => {
    const waiting = [slot(0, 0), slot(1, 1000, 5), slot(2, 300, 7)];
    expect(planStep(waiting, limits, 5 + maxPassedOver).map((item) => item.id)).toEqual([0, 2]);
    expect(planStep(waiting, limits, 6 + maxPassedOver)).toEqual([
      { id: 0, promptTokens: 0 },
      { id: 1, promptTokens: 32 },
      { id: 2, promptTokens: 96 },
    ]);
  });

  it("lets the longest-waiting ones go first when not all fit", () => {
    const tight = { batchTokens: 2, promptTokensBesideAnswers: 2 };
    expect(planStep([slot(0, 0, 9), slot(1, 0, 3), slot(2, 0, 5)], tight, 10).map((item) => item.id)).toEqual(
      [1, 2],
    );
  });

  it("plans nothing for nobody", () => {
    expect(planStep([], limits, 1)).toEqual([]);
  });

  const views = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 64 }).chain((ids) =>
    fc.tuple(
      ...ids.map((id) =>
        fc.record({
          id: fc.constant(id),
          promptLeft: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
          lastStep: fc.nat(50),
          arrivedAt: fc.nat(5000),
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
      fc.property(views, anyLimits, fc.integer({ min: 50, max: 150 }), (slots, someLimits, step) => {
        const plan = planStep(slots, someLimits, step);
        const total = plan.reduce((sum, item) => sum + Math.max(1, item.promptTokens), 0);
        expect(total).toBeLessThanOrEqual(someLimits.batchTokens);
        const read = plan.reduce((sum, item) => sum + item.promptTokens, 0);
        const hasAnswers = slots.some((view) => view.promptLeft === 0);
        if (hasAnswers) expect(read).toBeLessThanOrEqual(someLimits.promptTokensBesideAnswers);
        for (const [index, item] of plan.entries()) {
          const view = slots.find((candidate) => candidate.id === item.id);
          expect(item.promptTokens).toBeLessThanOrEqual(view?.promptLeft ?? -1);
          expect(item.promptTokens > 0).toBe((view?.promptLeft ?? 0) > 0);
          if (index > 0) expect(item.id).toBeGreaterThan(plan[index - 1]?.id ?? -1);
        }
      }),
    );
  });

  /** Reads prompts to their end, new ones arriving at their steps; calls `onStep` with what each step gave. */
  function readAll(
    prompts: readonly { length: number; at: number }[],
    onStep: (views: readonly SlotView[], given: ReadonlyMap<number, number>, step: number) => void,
  ): void {
    const tight = { batchTokens: 64, promptTokensBesideAnswers: 5 };
    const open: SlotView[] = [];
    let evaluated = 0;
    let begun = 0;
    for (let step = 1; begun < prompts.length || open.some((view) => view.promptLeft > 0); step++) {
      for (const [id, { length, at }] of prompts.entries()) {
        if (at !== step) continue;
        open.push(slot(id, length, step - 1, evaluated));
        begun++;
      }
      const views = open.filter((view) => view.promptLeft > 0);
      const plan = planStep([...views, slot(99, 0, step - 1)], tight, step);
      expect(plan.at(-1)).toEqual({ id: 99, promptTokens: 0 });
      const given = new Map(plan.slice(0, -1).map((item) => [item.id, item.promptTokens]));
      onStep(views, given, step);
      for (const view of views) {
        const tokens = given.get(view.id) ?? 0;
        if (tokens > 0) view.lastStep = step;
        view.promptLeft -= tokens;
        evaluated += tokens;
      }
    }
  }
  const arrivals = (length: fc.Arbitrary<number>) =>
    fc.array(fc.record({ length, at: fc.integer({ min: 1, max: 120 }) }), { minLength: 1, maxLength: 16 });

  it("starves nobody, whatever arrives later", () => {
    fc.assert(
      fc.property(arrivals(fc.integer({ min: 1, max: 300 })), (prompts) => {
        readAll(prompts, (views, given, step) => {
          for (const view of views) {
            const waited = step - view.lastStep;
            // At worst all others are overdue, too, and one of them comes first in each step.
            if (!given.has(view.id)) expect(waited).toBeLessThanOrEqual(maxPassedOver + prompts.length);
          }
          const wanted = views.reduce((sum, view) => sum + view.promptLeft, 0);
          expect([...given.values()].reduce((sum, tokens) => sum + tokens, 0)).toBe(Math.min(5, wanted));
        });
      }),
      { numRuns: 30 },
    );
  });

  it("finishes equally long prompts in the order of their arrival", () => {
    fc.assert(
      fc.property(arrivals(fc.constant(40)), (prompts) => {
        const finished: number[] = [];
        readAll(prompts, (views, given) => {
          for (const view of views) if (given.get(view.id) === view.promptLeft) finished.push(view.id);
        });
        const times = finished.map((id) => prompts[id]?.at ?? 0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
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
    expect(chooseFillers(answering(0, 2, 3, 5, 6), new Set([1, 4, 7]), 512)).toEqual([1, 4]);
    expect(chooseFillers(answering(2, 3), new Set([0, 1, 4]), 512)).toEqual([]);
  });

  it("leaves wider gaps, and ids that are not idle", () => {
    expect(chooseFillers(answering(0, 3), new Set([1, 2]), 512)).toEqual([]);
    expect(chooseFillers(answering(0, 2, 4), new Set([3]), 512)).toEqual([3]);
  });

  it("does nothing while two prompts are read, which one token more would split", () => {
    expect(chooseFillers(items([0, 64], [2, 64]), new Set([1]), 512)).toEqual([]);
    expect(chooseFillers(items([0, 64], [2, 0]), new Set([1]), 512)).toEqual([1]);
  });

  it("leaves no more than the decode has room for", () => {
    expect(chooseFillers(answering(0, 2, 4), new Set([1, 3]), 4)).toEqual([1]);
    expect(chooseFillers(items([0, 0], [2, 63]), new Set([1]), 64)).toEqual([]);
  });
});
