import type { HeartbeatRequest } from "@/lib/protocol";

/**
 * How many requests of other servers a worker holds, from its report and from what this process had there.
 *
 * The report counts everyone's requests at the moment in which the worker wrote it; this process knows its own only at
 * other moments. So it subtracts the most that it had there since the report before (`ownPeak`): the estimate may be
 * too low, and it is never made up of this process's own requests. It ranks workers; it is no bound, because between
 * two heartbeats it grows old, and a server that waited for it would leave idle slots idle.
 */
export function othersLoad(
  { busySlots, queued }: Pick<HeartbeatRequest, "busySlots" | "queued">,
  ownPeak: number,
): number {
  return Math.max(0, busySlots + queued - ownPeak);
}
