import { expect, it } from "vitest";
import { groupByDate } from "./group-by-date";

const now = new Date(2026, 10, 22, 0, 30);

function conversation(title: string, updatedAt: Date, isPinned = false) {
  const at = updatedAt.toISOString();
  return { id: title, title, isPinned, createdAt: at, updatedAt: at };
}

it("groups by local days, not by hours, pinned ones first", () => {
  const groups = groupByDate(
    [
      conversation("a clock ahead", new Date(2026, 10, 22, 9)),
      conversation("after midnight", new Date(2026, 10, 22, 0, 1)),
      conversation("an hour ago", new Date(2026, 10, 21, 23, 30)),
      conversation("a week ago", new Date(2026, 10, 15, 0, 1)),
      conversation("eight days ago", new Date(2026, 10, 14, 23)),
      conversation("thirty days ago", new Date(2026, 9, 23)),
      conversation("pinned", new Date(2026, 9, 2), true),
      conversation("October", new Date(2026, 9, 22)),
      conversation("September", new Date(2026, 8, 30)),
      conversation("a year before", new Date(2025, 8, 30)),
    ],
    now,
  );
  expect(
    groups.map(({ name, month, conversations }) => [
      name,
      month === null ? null : [month.getFullYear(), month.getMonth() + 1],
      conversations.map(({ title }) => title),
    ]),
  ).toEqual([
    ["pinned", null, ["pinned"]],
    ["today", null, ["a clock ahead", "after midnight"]],
    ["yesterday", null, ["an hour ago"]],
    ["week", null, ["a week ago"]],
    ["recent", null, ["eight days ago", "thirty days ago"]],
    ["month", [2026, 10], ["October"]],
    ["month", [2026, 9], ["September"]],
    ["month", [2025, 9], ["a year before"]],
  ]);
});
