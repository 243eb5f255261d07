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
  const measuring = (speeds: Record<number, number>) => async (threads: number) => speeds[threads] ?? 0;

  it("takes more threads as long as each step brings more", async () => {
    expect((await calibrateThreads(8, measuring({ 1: 10, 2: 19, 4: 30, 8: 28 }))).threads).toBe(4);
    expect((await calibrateThreads(6, measuring({ 1: 10, 2: 19, 4: 30, 6: 40 }))).threads).toBe(6);
  });

  it("leaves a thread to others when it brings next to nothing", async () => {
    expect((await calibrateThreads(2, measuring({ 1: 100, 2: 104 }))).threads).toBe(1);
  });

  it("says what it measured", async () => {
    expect((await calibrateThreads(2, measuring({ 1: 100, 2: 20 }))).reason).toBe(
      "measured, tokens/s by threads: 1: 100.0, 2: 20.0",
    );
  });
});
