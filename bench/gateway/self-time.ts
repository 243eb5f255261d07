import { readFile } from "node:fs/promises";
import { z } from "zod";
import { markdownTable } from "../stats";

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
type Profile = z.infer<typeof profileSchema>;

export type SelfTime = { name: string; place: string; ms: number; share: number };

/** Time at the top of the stack by function, longest first; `share` is of all time that was not idle. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byPlace = new Map<string, { name: string; place: string; ms: number }>();
  let busyMs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    // A delta is the time before its sample, so a sample's own time is the next one.
    const ms = (timeDeltas[index + 1] ?? 0) / 1000;
    if (frame === undefined || frame.functionName === "(idle)") continue;
    busyMs += ms;
    const place = placeOf(frame);
    const name = frame.functionName || "(anonymous)";
    const key = `${name} ${place}`;
    const known = byPlace.get(key) ?? { name, place, ms: 0 };
    known.ms += ms;
    byPlace.set(key, known);
  }
  return [...byPlace.values()]
    .map((entry) => ({ ...entry, share: entry.ms / busyMs }))
    .sort((a, b) => b.ms - a.ms);
}

/** A profile's first functions as a table. */
export async function selfTimeTable(file: string, most = 40): Promise<string> {
  const profile = profileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const rows = selfTimes(profile)
    .slice(0, most)
    .map(({ name, place, ms, share }) => [name, place, ms.toFixed(0), `${(share * 100).toFixed(1)} %`]);
  return `### Self time of the server\n\n${markdownTable(["function", "at", "ms", "of busy"], rows)}`;
}

/** Empty for what is no code of a file. */
export function placeOf({ url, lineNumber }: { url: string; lineNumber: number }): string {
  if (url === "") return "";
  return `${url.replace(/^.*\/node_modules\//, "").replace(/^file:\/\//, "")}:${lineNumber + 1}`;
}
