/** Milliseconds of difference between two machines' clocks from which on leases, budgets and reset times are off. */
export const tolerableClockMs = 2_000;

export type ClockDifference = {
  /** By which the database's clock is before this machine's own; negative: behind it. Right to half a round trip. */
  differenceMs: number;
  /** Beyond what is tolerable, however the time of the round trip fell on its two ways. */
  isOff: boolean;
};

/**
 * How far this machine's clock is from the database's.
 *
 * @param readDatabaseMs asks the database for its clock, in milliseconds since the epoch
 * @param now this machine's clock
 */
export async function readClockDifference(
  readDatabaseMs: () => Promise<number>,
  now: () => number = Date.now,
): Promise<ClockDifference> {
  const askedAt = performance.now();
  const databaseMs = await readDatabaseMs();
  const roundTripMs = performance.now() - askedAt;
  const differenceMs = databaseMs - (now() - roundTripMs / 2);
  return { differenceMs, isOff: Math.abs(differenceMs) - roundTripMs / 2 > tolerableClockMs };
}
