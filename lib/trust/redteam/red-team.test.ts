import { describe, expect, it } from "vitest";
import { honestOnly, redTeam } from "./red-team";

const short = { seed: 7, before: 900, models: 8, maxDays: 3 };
const report = (only: string) => {
  const found = [...redTeam({ ...short, only })].find(({ name }) => name === only);
  if (found === undefined) throw new Error(`There is no attack ${only}.`);
  return found;
};

/** The short form of `npm run redteam`. */
describe("the red team", () => {
  it.each(["bot farm", "contrarian", "one prompt", "fast bot", "many cookies, one network"])(
    "moves its target far with a %s, and hardly against the defences",
    (name) => {
      const { moved, falsePositives } = report(name);
      expect(Math.abs(moved.with)).toBeLessThan(Math.max(3, Math.abs(moved.without) / 5));
      expect(falsePositives.voters).toBeLessThanOrEqual(0.01);
    },
    60_000,
  );

  it("leaves honest voters of all kinds where they are", () => {
    const { voters, quarantined, excluded, votes } = honestOnly(3, 2_000, 8);
    expect(quarantined / voters).toBeLessThanOrEqual(0.01);
    expect(excluded / votes).toBeLessThanOrEqual(0.01);
  }, 60_000);
});
