import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrateThreads, chooseThreads } from "./threads";

const mebibyte = 1024 * 1024;
const options = { requested: null, modelBytes: 500 * mebibyte, cores: 8, isGpu: false };

describe("chooseThreads", () => {
  it("does as asked", () => {
    expect(chooseThreads({ ...options, requested: 3 })?.threads).toBe(3);
  });

  it("gives a small model one thread, whatever there is", () => {
    expect(chooseThreads({ ...options, modelBytes: 14 * mebibyte, cores: 64 })?.threads).toBe(1);
  });

  it("wants larger models measured", () => {
    expect(chooseThreads(options)).toBeNull();
  });

  it("has no choice on one core, and needs few threads beside a GPU", () => {
    expect(chooseThreads({ ...options, cores: 1 })?.threads).toBe(1);
    expect(chooseThreads({ ...options, cores: 64, isGpu: true })?.threads).toBe(4);
  });
});

describe("calibrateThreads", () => {
  /** A clock that measurements move: `tokens` take as long as the speed says. */
  function machine(speeds: Record<number, number>, noise: () => number = () => 1) {
    const clock = { ms: 0 };
    const asked: number[] = [];
    const measure = async (threads: number, tokens: number): Promise<number> => {
      asked.push(threads);
      const speed = (speeds[threads] ?? 0.1) * noise();
      clock.ms += (tokens * 1000) / speed;
      return speed;
    };
    return { measure, now: () => clock.ms, clock, asked };
  }
  const choose = async (cores: number, { measure, now }: ReturnType<typeof machine>) =>
    (await calibrateThreads(cores, measure, now)).threads;

  it("takes what is fastest", async () => {
    expect(await choose(8, machine({ 1: 10, 2: 19, 4: 30, 8: 28 }))).toBe(4);
    expect(await choose(6, machine({ 1: 10, 2: 19, 4: 30, 6: 40 }))).toBe(6);
    expect(await choose(2, machine({ 1: 100, 2: 20 }))).toBe(1);
  });

  it("leaves a thread to others when it brings next to nothing", async () => {
    expect(await choose(2, machine({ 1: 100, 2: 102 }))).toBe(1);
    expect(await choose(2, machine({ 1: 100, 2: 105 }))).toBe(2);
  });

  it("never chooses what is more than 5 % slower than the best, on a machine that others use, too", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ one: speed, gains: fc.tuple(gain, gain) }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 80 }),
        async ({ one, gains: [second, fourth] }, random) => {
          // A peak and no valley: that is how threads are.
          const two = one * second;
          const speeds = { 1: one, 2: two, 4: two * Math.min(second, fourth) };
          let at = 0;
          // A neighbour takes up to half of one measurement in five, and all differ by one in a hundred.
          const noise = () => {
            const value = random[at++ % random.length] ?? 0;
            return value < 0.2 && at % 5 === 0 ? 0.5 : 0.99 + value * 0.01;
          };
          const chosen = await choose(4, machine(speeds, noise));
          expect(speeds[chosen as 1 | 2 | 4]).toBeGreaterThanOrEqual(
            0.95 * Math.max(...Object.values(speeds)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("spends about three seconds, and on a huge model no more than a round", async () => {
    const usual = machine({ 1: 100, 2: 101, 4: 102 });
    await choose(4, usual);
    expect(usual.clock.ms).toBeLessThan(4500);
    const huge = machine({ 1: 2, 2: 3.9, 4: 7, 8: 10 });
    expect(await choose(8, huge)).toBe(8);
    expect(huge.asked).toEqual([1, 1, 2, 4, 8]);
  });

  it("does not try ever more threads when they make it much slower", async () => {
    const { measure, now, asked } = machine({ 1: 600, 2: 120, 4: 50 });
    expect((await calibrateThreads(64, measure, now)).threads).toBe(1);
    expect(new Set(asked)).toEqual(new Set([1, 2]));
  });

  it("says what it measured", async () => {
    const { measure, now } = machine({ 1: 100, 2: 20 });
    expect((await calibrateThreads(2, measure, now)).reason).toBe(
      "measured, steps/s by threads: 1: 100.0, 2: 20.0",
    );
  });
});

const speed = fc.double({ min: 50, max: 500, noNaN: true });
const gain = fc.double({ min: 0.2, max: 2, noNaN: true });
