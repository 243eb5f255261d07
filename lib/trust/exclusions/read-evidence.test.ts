import { describe, expect, it } from "vitest";
import { readActEvidence, readVoteEvidence } from "./read-evidence";

const subject = { subject: "visitor", subjectId: "v1" } as const;
const leading = { kind: "favours", modelId: "m1" } as const;

describe("the evidence of a vote", () => {
  it("is read by the reason that left it out", () => {
    const timing = { characters: 900, sinceBegin: 400, sinceEnd: 20 };
    const rule = { minAfterMs: 300, maxCharactersPerSecond: 1000 };
    expect(readVoteEvidence("too_fast", { ...timing, ...rule })).toEqual({
      ...{ kind: "too_fast", ...timing, ...rule },
    });
    const leak = { turn: 0, side: "b", match: "I am Heron", at: 6 } as const;
    expect(readVoteEvidence("identity_leak", { ...leak, kind: "mention" })).toEqual({
      ...{ kind: "identity_leak", how: "mention", ...leak },
    });
    const counts = { votesBefore: 9, ownVotesBefore: 3, perVisitor: 3, overall: 50 };
    expect(readVoteEvidence("duplicate_prompt", counts)).toEqual({ kind: "duplicate_prompt", ...counts });
  });

  it("is none where it stands with the act, and is shown as it is where it is of another version", () => {
    expect(readVoteEvidence("anomalous_voter", {})).toEqual({ kind: "none" });
    expect(readVoteEvidence("too_fast", { ms: 1 })).toEqual({ kind: "unread", json: '{"ms":1}' });
    expect(readVoteEvidence("moderation", { x: 1 })).toEqual({ kind: "unread", json: '{"x":1}' });
  });
});

describe("the evidence of an act", () => {
  it("says how strongly, among how many, and like what", () => {
    const anomaly = { ...subject, logE: 12.5, alpha: 0.05, among: 120, leading };
    expect(readActEvidence({ ...anomaly, test: "e_bh" })).toEqual({ kind: "anomaly", ...anomaly });
    const campaign = {
      ...{ ...subject, modelId: "m1", campaignLogE: 20, share: 0.1, among: 400, logE: 3, leading: null },
      chanceHonest: 0.01,
    };
    expect(readActEvidence({ ...campaign, test: "campaign" })).toEqual({ kind: "campaign", ...campaign });
  });

  it("names whose later votes they are, or the visitor that a person chose", () => {
    expect(readActEvidence(subject)).toEqual({ kind: "quarantined", ...subject });
    expect(readActEvidence({ visitorId: "v1" })).toEqual({ kind: "visitor", visitorId: "v1" });
    expect(readActEvidence({})).toEqual({ kind: "none" });
    expect(readActEvidence({ ...subject, test: "new" })).toEqual({
      ...{ kind: "unread", json: '{"subject":"visitor","subjectId":"v1","test":"new"}' },
    });
  });
});
