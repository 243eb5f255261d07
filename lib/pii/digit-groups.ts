import { matches } from "./find";

/** A row of digits, and what stands between it and the row before where that is at most three signs that numbers are written with. */
export type DigitGroup = { start: number; end: number; digits: string; gap: string | null };

/** Every row of digits of a text, in order; a number that is written in groups is several of them. */
export function digitGroups(text: string): DigitGroup[] {
  const groups: DigitGroup[] = [];
  for (const { start, end } of matches(text, /\d+/g)) {
    const last = groups.at(-1);
    const gap = last === undefined ? "" : text.slice(last.end, Math.min(start, last.end + 4));
    const isNear = last !== undefined && /^[ ().\-–/]{1,3}$/.test(gap);
    groups.push({ start, end, digits: text.slice(start, end), gap: isNear ? gap : null });
  }
  return groups;
}

/** No number is written in more groups. */
const maxGroups = 7;

/** The group at `index` and those that follow without anything else between, while they have no more digits than `max`. */
export function joined(groups: readonly DigitGroup[], index: number, max: number): DigitGroup[] {
  const row: DigitGroup[] = [];
  let count = 0;
  for (let at = index; at < groups.length && row.length < maxGroups; at += 1) {
    const group = groups[at];
    if (group === undefined || (at > index && group.gap === null)) break;
    count += group.digits.length;
    if (count > max) break;
    row.push(group);
  }
  return row;
}
