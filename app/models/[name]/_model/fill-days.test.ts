import { describe, expect, it } from "vitest";
import { fillDays } from "./fill-days";

describe("votes by day", () => {
  it("has the days without votes too, over the end of a month and of summer time", () => {
    const filled = fillDays([
      { day: "2026-02-27", votes: 3 },
      { day: "2026-03-02", votes: 1 },
    ]);
    expect(filled).toEqual([
      { day: "2026-02-27", votes: 3 },
      { day: "2026-02-28", votes: 0 },
      { day: "2026-03-01", votes: 0 },
      { day: "2026-03-02", votes: 1 },
    ]);
    expect(
      fillDays([
        { day: "2026-03-28", votes: 1 },
        { day: "2026-03-30", votes: 1 },
      ]),
    ).toHaveLength(3);
  });

  it("adds nothing to one day, and nothing to none", () => {
    expect(fillDays([{ day: "2026-01-01", votes: 5 }])).toEqual([{ day: "2026-01-01", votes: 5 }]);
    expect(fillDays([])).toEqual([]);
  });
});
