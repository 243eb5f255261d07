import { describe, expect, it } from "vitest";
import { parseAs } from ".";

const lmsys = { question_id: "q", model_a: "x", model_b: "y", winner: "tie" };

describe("LMSYS rows", () => {
  it.each([
    ["model_a", "a"],
    ["model_b", "b"],
    ["tie", "tie"],
    ["tie (bothbad)", "both_bad"],
    ["both_bad", "both_bad"],
  ])("take the winner %j for %s", (winner, outcome) => {
    expect(parseAs("lmsys", { ...lmsys, winner })).toMatchObject({
      votes: [{ outcome, kind: "blind", externalId: "q" }],
    });
  });

  it("tell humans from programs, and blind votes from named ones", () => {
    expect(parseAs("lmsys", { ...lmsys, judge: "gpt4_pair" })).toMatchObject({
      votes: [{ voterKind: "judge", kind: "judge" }],
    });
    expect(parseAs("lmsys", { ...lmsys, judge: ["gpt-4", "pair-v2"] })).toMatchObject({
      votes: [{ voter: "gpt-4+pair-v2" }],
    });
    expect(parseAs("lmsys", { ...lmsys, judge: "expert_3", turn: 2 })).toMatchObject({
      votes: [{ voterKind: "human", kind: "blind", externalId: "q|x|y|expert_3|2" }],
    });
    expect(parseAs("lmsys", { ...lmsys, anony: false })).toMatchObject({ votes: [{ kind: "named" }] });
  });

  it("take times in seconds and in ISO 8601 without a zone as UTC", () => {
    const time = new Date("2023-04-24T15:53:11.132Z");
    expect(parseAs("lmsys", { ...lmsys, tstamp: 1682351591.1322 })).toMatchObject({
      votes: [{ castAt: time }],
    });
    expect(parseAs("lmsys", { ...lmsys, timestamp: "2023-04-24T15:53:11.132" })).toMatchObject({
      votes: [{ castAt: time }],
    });
  });

  it.each([
    [{ winner: "model_c" }, "winner"],
    [{ model_a: " " }, "model_a"],
    [{ model_a: "a\u0000" }, "model_a"],
    [{ model_a: "\ud800" }, "model_a"],
    [{ model_b: 7 }, "model_b"],
    [{ question_id: undefined }, "question_id"],
    [{ tstamp: 1682351591132 }, "tstamp"],
    [{ turn: 0 }, "turn"],
  ])("with %j are refused", (change, field) => {
    expect(parseAs("lmsys", { ...lmsys, ...change })).toMatchObject({
      fault: expect.stringContaining(field),
    });
  });
});

describe("pair counts", () => {
  const row = { model_a: "x", model_b: "y", win_a: 2, win_b: 0, tie: 1 };
  it("are one row for each outcome that occurred", () => {
    const votes = [
      { outcome: "a", count: 2, externalId: "x|y|a" },
      { outcome: "tie", count: 1 },
    ];
    expect(parseAs("pairs", row)).toMatchObject({ votes });
  });
  it.each([[{ win_a: -1 }], [{ win_b: 0.5 }], [{ tie: 3e9 }]])("with %j are refused", (change) => {
    expect(parseAs("pairs", { ...row, ...change })).toHaveProperty("fault");
  });
});

describe("FastChat's logs", () => {
  const states = [
    { conv_id: "c1", model_name: "x" },
    { conv_id: "c2", model_name: "y" },
  ];
  const vote = { tstamp: 1682351591, type: "leftvote", models: ["", ""], states };
  it("hide the names of anonymous battles in their states", () => {
    expect(parseAs("fastchat", vote)).toMatchObject({
      votes: [{ modelA: "x", modelB: "y", outcome: "a", kind: "blind" }],
    });
  });
  it("leave out what is no vote, and refuse a vote without models", () => {
    expect(parseAs("fastchat", { ...vote, type: "chat" })).toEqual({ ignored: "of type chat" });
    expect(parseAs("fastchat", { ...vote, states: [{ conv_id: "c1" }, { conv_id: "c2" }] })).toHaveProperty(
      "fault",
    );
    expect(parseAs("fastchat", { ...vote, states: [states[0]] })).toHaveProperty("fault");
    expect(parseAs("fastchat", 7)).toHaveProperty("fault");
  });
});
