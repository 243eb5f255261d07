import { describe, expect, it } from "vitest";
import { createPublicWaiting } from "./public-waiting";

const samplesPerWindow = 60;

function watched() {
  const load = { heron: 0, stork: 0 };
  const waiting = createPublicWaiting(() =>
    Object.entries(load).map(([name, outstanding]) => ({ name, slots: 2, outstanding })),
  );
  const pass = (samples: number) => {
    for (let i = 0; i < samples; i += 1) waiting.sample();
  };
  return { load, waiting, pass };
}

describe("what anybody may know of how busy a model is", () => {
  it("says nothing of this moment: a crowd is told once its five minutes are over", () => {
    const { load, waiting, pass } = watched();
    load.heron = 40;
    pass(samplesPerWindow - 1);
    expect(waiting.of("heron")).toBe(0);
    pass(1);
    expect(waiting.of("heron")).toBe(30);
    expect(waiting.of("stork")).toBe(0);
    load.heron = 0;
    pass(samplesPerWindow - 1);
    expect(waiting.of("heron")).toBe(30);
    pass(1);
    expect(waiting.of("heron")).toBe(0);
  });

  it("does not move for one battle, however long it takes, unless a step is just ahead", () => {
    const { load, waiting, pass } = watched();
    for (const others of [2, 6, 15]) {
      Object.assign(load, { heron: others, stork: others });
      pass(samplesPerWindow);
      const before = [waiting.of("heron"), waiting.of("stork")];
      load.heron = others + 1;
      pass(samplesPerWindow);
      expect([waiting.of("heron"), waiting.of("stork")]).toEqual(before);
    }
  });

  it("knows nothing of a model that is not served", () => {
    expect(watched().waiting.of("none")).toBe(0);
  });
});
