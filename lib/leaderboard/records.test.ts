import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrate } from "./calibrate";
import { directRecord, wilsonShare } from "./head-to-head";
import { type HistoryPoint, votesByDay } from "./read-history";

const record = (wins: number, losses: number, ties = 0) => ({
  ...{ votes: wins + losses + ties, wins, losses, ties, bothBad: 0 },
});

describe("wilsonShare", () => {
  it("is Wilson's interval", () => {
    // Newcombe, Stat. Med. 17 (1998), table I: 81 of 263, and 0 of 20.
    const share = wilsonShare(record(81, 182));
    expect(share?.lower).toBeCloseTo(0.2553, 4);
    expect(share?.upper).toBeCloseTo(0.3662, 4);
    expect(wilsonShare(record(0, 20))?.upper).toBeCloseTo(0.1611, 4);
    expect(wilsonShare(record(0, 0))).toBeNull();
  });

  it("is mirrored when the record is told from the other side", () => {
    const count = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(count, count, count, (wins, losses, ties) => {
        fc.pre(wins + losses + ties > 0);
        const here = wilsonShare(record(wins, losses, ties));
        const there = wilsonShare(record(losses, wins, ties));
        expect(here?.value).toBeCloseTo(1 - (there?.value ?? 0), 9);
        expect(here?.lower).toBeCloseTo(1 - (there?.upper ?? 0), 9);
      }),
    );
  });
});

describe("directRecord", () => {
  it("adds up a pair from whichever side its rows tell it", () => {
    const pairs = [
      { i: 0, j: 1, winI: 3, winJ: 1, tie: 2, bothBad: 0 },
      { i: 1, j: 0, winI: 4, winJ: 5, tie: 0, bothBad: 1 },
      { i: 0, j: 2, winI: 9, winJ: 9, tie: 9, bothBad: 9 },
    ];
    expect(directRecord(pairs, 0, 1)).toEqual({ votes: 16, wins: 8, losses: 5, ties: 2, bothBad: 1 });
    expect(directRecord(pairs, 1, 0)).toEqual({ votes: 16, wins: 5, losses: 8, ties: 2, bothBad: 1 });
  });
});

describe("votesByDay", () => {
  const point = (at: string, votes: number): HistoryPoint => ({
    ...{ at: new Date(at), votes, scores: { m: [votes, 1000, 990, 1010] } },
  });

  it("takes what a model's votes grew by, day by day, and no day on which they fell", () => {
    const points = [
      point("2026-01-01T10:00:00Z", 5),
      point("2026-01-01T23:59:59Z", 8),
      point("2026-01-02T00:00:00Z", 9),
      point("2026-01-05T12:00:00Z", 7),
      point("2026-01-06T12:00:00Z", 12),
    ];
    expect(votesByDay(points, "m")).toEqual([
      { day: "2026-01-01", votes: 8 },
      { day: "2026-01-02", votes: 1 },
      { day: "2026-01-06", votes: 5 },
    ]);
    expect(votesByDay(points, "unknown")).toEqual([]);
  });
});

describe("calibrate", () => {
  it("predicts every vote once, the same way each time, and better than chance where there is something to know", () => {
    const pairs = [
      { i: 0, j: 1, winI: 300, winJ: 100, tie: 20, bothBad: 10 },
      { i: 1, j: 2, winI: 300, winJ: 100, tie: 20, bothBad: 10 },
      { i: 0, j: 2, winI: 360, winJ: 40, tie: 20, bothBad: 10 },
    ];
    const found = calibrate(3, pairs);
    expect(found.votes).toBe(1_290);
    expect(found.bins.reduce((sum, { votes }) => sum + votes, 0)).toBe(1_290);
    expect(found.logLoss).toBeLessThan(0.6);
    for (const { observed, predicted } of found.bins)
      expect(Math.abs(observed - predicted)).toBeLessThan(0.05);
    expect(calibrate(3, pairs)).toEqual(found);
    expect(calibrate(0, [])).toEqual({ votes: 0, logLoss: null, bins: [] });
  });
});
