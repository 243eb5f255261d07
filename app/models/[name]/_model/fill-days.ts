const dayMs = 86_400_000;

export type DayVotes = { day: string; votes: number };

/** The same days (UTC, `YYYY-MM-DD`, oldest first) with those between them that had no votes. */
export function fillDays(days: readonly DayVotes[]): DayVotes[] {
  const filled: DayVotes[] = [];
  for (const entry of days) {
    const last = filled.at(-1);
    const from = last === undefined ? Date.parse(entry.day) : Date.parse(last.day) + dayMs;
    for (let time = from; time < Date.parse(entry.day); time += dayMs) {
      filled.push({ day: new Date(time).toISOString().slice(0, 10), votes: 0 });
    }
    filled.push({ day: entry.day, votes: entry.votes });
  }
  return filled;
}
