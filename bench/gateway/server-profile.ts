import { writeFile } from "node:fs/promises";
import { type HeapProfiler, Session } from "node:inspector/promises";

/** What is looked at: the processor's time, what is allocated, or the part of it that outlives the collections of young memory. */
export type ProfileKind = "cpu" | "allocated" | "kept";

const cpuIntervalMicroseconds = 1_000;
const heapIntervalBytes = 16 * 1024;

/** Begins to look at this process; the function that is returned ends it and writes the profile for the browser's developer tools. */
export async function startProfile(kind: ProfileKind, file: string): Promise<() => Promise<void>> {
  const inspector = new Session();
  inspector.connect();
  if (kind === "cpu") {
    await inspector.post("Profiler.enable");
    await inspector.post("Profiler.setSamplingInterval", { interval: cpuIntervalMicroseconds });
    await inspector.post("Profiler.start");
  } else {
    // Left to itself it forgets what has been collected, which is nearly everything. Node's types do not know these two yet.
    const asked = {
      samplingInterval: heapIntervalBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: kind === "allocated",
    } satisfies HeapProfiler.StartSamplingParameterType & Record<string, unknown>;
    await inspector.post("HeapProfiler.enable");
    await inspector.post("HeapProfiler.startSampling", asked);
  }
  return async () => {
    const { profile } =
      kind === "cpu"
        ? await inspector.post("Profiler.stop")
        : await inspector.post("HeapProfiler.stopSampling");
    await writeFile(file, JSON.stringify(profile));
  };
}
