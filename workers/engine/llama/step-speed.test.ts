import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseChunk, minChunk, type StepLoad, StepSpeed, unmeasuredChunk } from "./step-speed";

const limits = { batchTokens: 512, targetMs: 60, targetSlowdown: 2.5 };
/** `pass`: what a prompt's chunk costs whatever its length. */
type Costs = { base: number; answer: number; token: number; pass?: number };
const cost = ({ base, answer, token, pass = 0 }: Costs, { answers, promptTokens }: StepLoad): number =>
  base + answer * answers + token * promptTokens + (promptTokens > 0 ? pass : 0);

const machines = fc.record({
  base: fc.double({ min: 0.1, max: 50, noNaN: true }),
  answer: fc.double({ min: 0.01, max: 2, noNaN: true }),
  token: fc.double({ min: 0.02, max: 5, noNaN: true }),
});

describe("StepSpeed", () => {
  it("knows nothing of prompts before one was measured", () => {
    const speed = new StepSpeed();
    expect(speed.expect({ answers: 1, promptTokens: 0 })).toBeNull();
    for (let step = 0; step < 5; step++) speed.note({ answers: 1, promptTokens: 0 }, 3);
    expect(speed.expect({ answers: 1, promptTokens: 0 })).toBeCloseTo(3);
    expect(speed.expect({ answers: 1, promptTokens: 32 })).toBeNull();
  });

  it("learns what steps take, on any machine", () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const speed = new StepSpeed();
        const seen = [
          { answers: 1, promptTokens: 0 },
          { answers: 4, promptTokens: 128 },
          { answers: 8, promptTokens: 0 },
          { answers: 2, promptTokens: 512 },
          { answers: 6, promptTokens: 64 },
          { answers: 4, promptTokens: 0 },
          { answers: 8, promptTokens: 256 },
        ];
        for (let round = 0; round < 60; round++) {
          for (const load of seen) speed.note(load, cost(machine, load));
        }
        const longest = Math.max(...seen.map((load) => cost(machine, load)));
        for (const load of seen) {
          const error = Math.abs((speed.expect(load) ?? 0) - cost(machine, load));
          expect(error).toBeLessThan(0.1 * cost(machine, load) + 0.1 * longest);
        }
      }),
    );
  });

  it("remembers what a prompt costs through a long time without one", () => {
    const machine = { base: 3, answer: 0.5, token: 0.05 };
    const speed = new StepSpeed();
    const note = (load: StepLoad): void => speed.note(load, cost(machine, load));
    for (let step = 0; step < 100; step++)
      note({ answers: step % 8, promptTokens: step % 2 === 0 ? 512 : 0 });
    for (let step = 0; step < 5000; step++) note({ answers: step % 8, promptTokens: 0 });
    const load = { answers: 4, promptTokens: 512 };
    expect(Math.abs((speed.expect(load) ?? 0) / cost(machine, load) - 1)).toBeLessThan(0.1);
  });

  it("is hardly moved by one step in which the machine was busy elsewhere, or by the first ones", () => {
    const speed = new StepSpeed();
    const load = { answers: 1, promptTokens: 128 };
    speed.note(load, 5000);
    speed.note(load, 900);
    for (let step = 0; step < 20; step++) speed.note(load, 20);
    expect(speed.expect(load)).toBeCloseTo(20);
    speed.note(load, 10_000);
    expect(speed.expect(load)).toBeLessThanOrEqual(30.1);
  });
});

describe("chunks that are chosen and then measured", () => {
  it("find their size again after decodes that took long for another reason", () => {
    // A GPU: a pass over a prompt costs much, its tokens little.
    const machine = { base: 20, answer: 0.5, token: 0.06, pass: 15 };
    const speed = new StepSpeed();
    let latest = 0;
    const choose = () => chooseChunk((load) => speed.expect(load), 8, limits, latest);
    for (let step = 0; step < 10; step++) speed.note({ answers: 8, promptTokens: 0 }, 24);
    // Kernels are compiled for each new size.
    for (const promptTokens of [512, 256, 128]) speed.note({ answers: 8, promptTokens }, 5000);
    for (let step = 0; step < 60; step++) {
      latest = choose();
      const load = { answers: 8, promptTokens: latest };
      speed.note(load, cost(machine, load));
    }
    expect(choose()).toBeGreaterThanOrEqual(256);
  });
});

describe("chooseChunk", () => {
  it("takes a usual chunk until something was measured", () => {
    expect(chooseChunk(() => null, 1, limits, 0)).toBe(unmeasuredChunk);
    expect(chooseChunk(() => null, 1, { ...limits, batchTokens: 64 }, 0)).toBe(64);
  });

  it.each([
    ["fills the batch where prompts are fast", { base: 3, answer: 0.5, token: 0.05 }, 1, 512],
    ["stays within 60 ms where plain steps are short", { base: 1, answer: 1, token: 0.6 }, 4, 64],
    ["allows 2.5 times a plain step that is long already", { base: 200, answer: 0, token: 2 }, 1, 128],
    ["never takes less than the smallest chunk", { base: 200, answer: 0, token: 50 }, 1, 64],
    [
      "takes more where the smallest is too long already and more costs little",
      { base: 1, answer: 0, token: 0.1, pass: 90 },
      1,
      512,
    ],
  ])("%s", (_, machine, answers, chunk) => {
    expect(chooseChunk((load) => cost(machine, load), answers, limits, limits.batchTokens)).toBe(chunk);
  });

  it("grows to twice the one before at most", () => {
    const fast = { base: 3, answer: 0.5, token: 0.01 };
    const next = (latest: number) => chooseChunk((load) => cost(fast, load), 1, limits, latest);
    expect([next(0), next(128), next(192), next(512)]).toEqual([128, 256, 384, 512]);
  });

  it("is the largest one within the target, between the smallest and the batch", () => {
    fc.assert(
      fc.property(machines, fc.integer({ min: 1, max: 32 }), (machine, answers) => {
        const step = (promptTokens: number) => cost(machine, { answers, promptTokens });
        const chunk = chooseChunk((load) => cost(machine, load), answers, limits, limits.batchTokens);
        const aim = Math.max(60, 2.5 * step(0));
        const target = step(minChunk) <= aim ? aim : 1.5 * step(minChunk);
        expect(chunk % minChunk).toBe(0);
        expect(chunk).toBeGreaterThanOrEqual(minChunk);
        expect(chunk).toBeLessThanOrEqual(limits.batchTokens);
        if (chunk > minChunk) expect(step(chunk)).toBeLessThanOrEqual(target * 1.000001);
        if (chunk < limits.batchTokens) expect(step(chunk + minChunk)).toBeGreaterThan(target * 0.999999);
      }),
    );
  });
});
