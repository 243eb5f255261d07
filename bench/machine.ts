import { availableParallelism, cpus, loadavg } from "node:os";

/** Processor, cores and Node, and how busy the machine is: what figures of two runs have to share to be compared. */
export function machineLine(): string {
  return `${cpus()[0]?.model ?? "CPU"}, ${availableParallelism()} cores, Node ${process.version}, ${loadLine()}`;
}

/** The load averages of 1, 5 and 15 minutes tell how far figures can be trusted. */
export function loadLine(): string {
  return `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}`;
}
