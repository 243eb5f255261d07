import { readFile } from "node:fs/promises";
import { z } from "zod";
import { markdownTable } from "../stats";
import { placeOf } from "./self-time";

const frameSchema = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });
type Node = { callFrame: z.infer<typeof frameSchema>; selfSize: number; children: Node[] };
const nodeSchema: z.ZodType<Node> = z.lazy(() =>
  z.object({ callFrame: frameSchema, selfSize: z.number(), children: z.array(nodeSchema) }),
);
const profileSchema = z.object({ head: nodeSchema });

export type Allocation = { name: string; place: string; bytes: number; share: number };

/** Bytes by the function that allocated them, most first. */
export function allocations(head: Node): Allocation[] {
  const byPlace = new Map<string, { name: string; place: string; bytes: number }>();
  let all = 0;
  const open = [head];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    open.push(...node.children);
    if (node.selfSize === 0) continue;
    all += node.selfSize;
    const name = node.callFrame.functionName || "(anonymous)";
    const place = placeOf(node.callFrame);
    const known = byPlace.get(`${name} ${place}`) ?? { name, place, bytes: 0 };
    known.bytes += node.selfSize;
    byPlace.set(`${name} ${place}`, known);
  }
  return [...byPlace.values()]
    .map((entry) => ({ ...entry, share: entry.bytes / all }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** A profile's first functions as a table. */
export async function allocationsTable(file: string, kind: "allocated" | "kept", most = 40): Promise<string> {
  const { head } = profileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const rows = allocations(head)
    .slice(0, most)
    .map(({ name, place, bytes, share }) => {
      const mib = bytes / 1024 / 1024;
      return [name, place, mib.toFixed(1), `${(share * 100).toFixed(1)} %`];
    });
  const title = kind === "kept" ? "What young collections have left of it" : "Allocated by the server";
  return `### ${title}\n\n${markdownTable(["function", "at", "MiB", "of all"], rows)}`;
}
