import type { WorkerState } from "./worker";

/**
 * An address has one listener. Whoever registers it anew with the same join token takes it over; with another token, anybody
 * could take another's worker off the site by naming its address. So the newcomer is unproven, and the worker before it
 * serves on, until the address itself has taken the newcomer's secret.
 */
export function contest(workers: Iterable<WorkerState>, newcomer: WorkerState): void {
  for (const other of rivalsOf(newcomer, workers)) {
    if (isOfOneToken(other, newcomer)) continue;
    const [elder, younger] = isOlder(other, newcomer) ? [other, newcomer] : [newcomer, other];
    if (elder.address === "unproven") continue;
    if (younger.address === "proven") elder.address = "unproven";
    else younger.address = "unproven";
  }
}

/** Those who have lost their address to the worker, because it was registered with their token. */
export function displacedBy(worker: WorkerState, workers: Iterable<WorkerState>): WorkerState[] {
  return rivalsOf(worker, workers).filter((other) => isOfOneToken(other, worker));
}

/** The address has taken the worker's secret. Those who have lost it to the worker, because it was in doubt. */
export function prove(worker: WorkerState, workers: Iterable<WorkerState>): WorkerState[] {
  if (worker.address !== "unproven") return [];
  worker.address = "proven";
  return rivalsOf(worker, workers);
}

function rivalsOf(worker: WorkerState, workers: Iterable<WorkerState>): WorkerState[] {
  return [...workers].filter(
    (other) => other !== worker && !other.isLeaving && other.record.url === worker.record.url,
  );
}

function isOfOneToken(one: WorkerState, other: WorkerState): boolean {
  return one.record.joinTokenId === other.record.joinTokenId;
}

function isOlder(one: WorkerState, other: WorkerState): boolean {
  const difference = one.record.registeredAt - other.record.registeredAt;
  return difference === 0 ? one.id < other.id : difference < 0;
}
