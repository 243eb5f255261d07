import { type Find, type Finder, normalize } from "./find";
import { findEmails } from "./find-emails";
import { findIps } from "./find-ips";
import { findMessengers } from "./find-messengers";
import { findCards, findChineseIds, findIbans, findSsns } from "./find-numbers";
import { findPassports } from "./find-passports";
import { findPasswords } from "./find-passwords";
import { findPhones } from "./find-phones";
import { findSecrets } from "./find-secrets";

/** Changes whenever a rule does: stored with what was screened by it. */
export const piiScreenVersion = 2;

/** The surest first: where two overlap, the part is called what the first of them says. */
const finders: readonly Finder[] = [
  findSecrets,
  findChineseIds,
  findCards,
  findIbans,
  findSsns,
  findPassports,
  findPasswords,
  findEmails,
  findMessengers,
  findPhones,
  findIps,
];

/**
 * Personal data and secrets in a text, English or Chinese: mail addresses, telephone numbers, payment cards and accounts (with
 * their check digits), Chinese and US identity numbers, passports and QQ and WeChat accounts that are called so, public internet
 * addresses, keys, tokens and stated passwords. In order,
 * not overlapping. Names, street addresses and what only a reader understands are not found: it is a screen, no proof.
 *
 * Takes time in proportion to the length of the text, whatever it holds.
 */
export function findPii(text: string): Find[] {
  const plain = normalize(text);
  const all = finders.flatMap((finder, rank) => [...finder(plain)].map((find) => ({ ...find, rank })));
  all.sort((x, y) => x.start - y.start || x.rank - y.rank);
  const merged: (Find & { rank: number })[] = [];
  for (const find of all) {
    const last = merged.at(-1);
    if (last === undefined || find.start >= last.end) merged.push({ ...find });
    else {
      last.end = Math.max(last.end, find.end);
      if (find.rank < last.rank) Object.assign(last, { kind: find.kind, rank: find.rank });
    }
  }
  return merged.map(({ kind, start, end }) => ({ kind, start, end }));
}
