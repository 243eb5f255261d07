import type { CandidatePairs } from "./pair-usefulness";

/**
 * Brings chances of pairs, in place, to where no organization expects more seats (two a battle) than its cap, once
 * they are mixed with a floor: floor·base + (1 − floor)·chances. The cap of an organization is the larger of `cap` and
 * its share under the base, so the caps can always be met together.
 *
 * First the organizations above their caps are scaled down, the worst one at a time, each of a pair's seats by the same
 * factor: the least change in relative entropy for that organization. What is still above afterwards (an organization
 * in every useful pair) is mixed with the base, as little as meets all caps.
 *
 * @param chances of each pair, summing to one; they do so afterwards
 * @param base what the floor draws from, one chance a pair, summing to one
 * @param candidates the models that can be drawn; @param organization of each model, −1 unknown and its own
 * Source: iterative proportional fitting, Csiszár, Ann. Probab. 3 (1975).
 */
export function capOrganizations(
  chances: Float64Array,
  pairs: CandidatePairs,
  candidates: readonly number[],
  organization: ArrayLike<number>,
  { base, floor, cap }: { base: Float64Array; floor: number; cap: number },
): void {
  if (cap >= 1 || floor >= 1) return;
  const groups = new Map<string, number>();
  const groupOf = new Map<number, number>();
  for (const model of candidates) {
    const name = organization[model] as number;
    const key = name === -1 ? `model ${model}` : `organization ${name}`;
    const group = groups.get(key) ?? groups.size;
    groups.set(key, group);
    groupOf.set(model, group);
  }
  const first = pairs.i.map((model) => groupOf.get(model) as number);
  const second = pairs.j.map((model) => groupOf.get(model) as number);
  const fallback = seats(base, first, second, groups.size);
  // In this form rounding never leaves a limit below the share of the base, which the last step relies on.
  const limit = fallback.map((share) => share + Math.max(cap - share, 0) / (1 - floor));

  for (let round = 0; round < 200; round++) {
    const share = seats(chances, first, second, groups.size);
    let worst = 0;
    for (let group = 1; group < share.length; group++) {
      const excess = (share[group] as number) - (limit[group] as number);
      if (excess > (share[worst] as number) - (limit[worst] as number)) worst = group;
    }
    if ((share[worst] as number) <= (limit[worst] as number) + 1e-12) return;
    if (!scaleDown(chances, first, second, worst, limit[worst] as number)) break;
  }
  const share = seats(chances, first, second, groups.size);
  let mix = 0;
  share.forEach((value, group) => {
    const excess = value - (limit[group] as number);
    if (excess > 0) mix = Math.max(mix, excess / (value - (fallback[group] as number)));
  });
  for (let at = 0; at < chances.length; at++) {
    chances[at] = (1 - mix) * (chances[at] as number) + mix * (base[at] as number);
  }
}

/** Expected share of seats of each group. */
function seats(chances: Float64Array, first: Int32Array, second: Int32Array, groups: number): Float64Array {
  const share = new Float64Array(groups);
  chances.forEach((chance, at) => {
    const x = first[at] as number;
    const y = second[at] as number;
    share[x] = (share[x] as number) + chance / 2;
    share[y] = (share[y] as number) + chance / 2;
  });
  return share;
}

/**
 * Multiplies the chance of every pair by f to the number of its seats of one group, and scales back to sum one, with
 * the f that leaves the group exactly `limit`. With S_n the chance of n seats, f solves f²·S₂(1 − limit) + f·S₁(½ −
 * limit) = limit·S₀.
 *
 * @returns false where the group sits in every pair, and no f does
 */
function scaleDown(
  chances: Float64Array,
  first: Int32Array,
  second: Int32Array,
  group: number,
  limit: number,
): boolean {
  const mass = [0, 0, 0];
  const seatsAt = (at: number): number => Number(first[at] === group) + Number(second[at] === group);
  chances.forEach((chance, at) => {
    const n = seatsAt(at);
    mass[n] = (mass[n] as number) + chance;
  });
  const [none = 0, one = 0, two = 0] = mass;
  if (none < 1e-12) return false;
  const half = one * (0.5 - limit);
  const factor = (2 * limit * none) / (half + Math.sqrt(half * half + 4 * two * (1 - limit) * limit * none));
  const total = none + factor * one + factor * factor * two;
  for (let at = 0; at < chances.length; at++) {
    chances[at] = ((chances[at] as number) * factor ** seatsAt(at)) / total;
  }
  return true;
}
