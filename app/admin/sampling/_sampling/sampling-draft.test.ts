import { describe, expect, it } from "vitest";
import { draftOf, readPolicy } from "./sampling-draft";

const policy = {
  floor: 0.2,
  newcomerShare: 0.5,
  newcomerVotes: 200,
  organizationCap: 0.5,
  uniformBelow: 10,
  weights: { heron: 2, stork: 0 },
};

describe("readPolicy", () => {
  it("gives back what it was made from", () => {
    expect(readPolicy(draftOf({ policy })).policy).toEqual(policy);
  });

  it("leaves out weights that are the usual one", () => {
    const draft = { ...draftOf({ policy }), "weight heron": "1", "weight kite": " " };
    expect(readPolicy(draft).policy).toMatchObject({ weights: { stork: 0 } });
  });

  it.each([
    ["floor", ""],
    ["newcomerVotes", "many"],
    ["weight heron", "-1"],
    ["weight heron", "x"],
  ])("names the box that holds no number: %s %j", (box, text) => {
    expect(readPolicy({ ...draftOf({ policy }), [box]: text }).fault).toBe(box);
  });
});
