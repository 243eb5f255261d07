import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type ScenarioName, scenarioNames, scenarios } from "./scenarios";
import type { ProfileKind } from "./server-profile";

const titles = scenarioNames.map((name) => `${" ".repeat(27)}${name.padEnd(11)}${scenarios[name].title}`);

export const usage = `Usage: npm run bench -- gateway [options]

Our server before a scripted upstream, beside that upstream alone; every byte of every answer is checked.
Ends with 1 if an answer was wrong.

  --scenarios LIST       of these, with commas between (all)
${titles.join("\n")}
  --portkey FOLDER       where @portkey-ai/gateway is installed; bench/README.md says how
  --rounds N             rounds; the contestants take turns in each (3; slow streams: 1)
  --seconds N            of one measurement (4)
  --stream-seconds N     length of a slow stream (10)
  --log-level LEVEL      of our server (info: one line a request)
  --profile FILE         writes a profile of our server and shows the first of it: where its time went (.cpuprofile), or what
                         it has allocated (.heapprofile)
  --kept                 of what was allocated, what outlived the collections of young memory
  --json FILE            all figures
`;

const optionsSchema = z.object({
  scenarios: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(scenarioNames)))
    .default([...scenarioNames]),
  portkey: z.string().min(1).nullable().default(null),
  rounds: z.coerce.number().int().min(1).max(50).default(3),
  seconds: z.coerce.number().min(0.5).max(60).default(4),
  "stream-seconds": z.coerce.number().min(1).max(60).default(10),
  "log-level": z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  profile: z
    .string()
    .regex(/\.(?:cpu|heap)profile$/, "a name that ends with .cpuprofile or .heapprofile is needed")
    .nullable()
    .default(null),
  kept: z.boolean().default(false),
});

export type GatewayOptions = {
  scenarios: readonly ScenarioName[];
  portkey: string | null;
  rounds: number;
  seconds: number;
  streamSeconds: number;
  logLevel: string;
  profile: { kind: ProfileKind; file: string } | null;
};

/** Errors: one sentence that names the option. */
export async function readGatewayOptions(values: Readonly<Record<string, unknown>>): Promise<GatewayOptions> {
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `--${String(path[0])}: ${message}`);
    throw new Error(faults.join("; "));
  }
  const { scenarios, portkey, rounds, seconds, profile: file, kept } = parsed.data;
  const isHeap = file?.endsWith(".heapprofile") === true;
  if (kept && !isHeap) throw new Error("--kept: it belongs to --profile FILE.heapprofile.");
  const kind = isHeap ? (kept ? "kept" : "allocated") : "cpu";
  const profile = file === null ? null : ({ kind, file: resolve(file) } as const);
  if (portkey !== null) await requirePortkey(portkey);
  return {
    ...{ scenarios, portkey, rounds, seconds, profile },
    streamSeconds: parsed.data["stream-seconds"],
    logLevel: parsed.data["log-level"],
  };
}

async function requirePortkey(folder: string): Promise<void> {
  try {
    await stat(join(folder, "node_modules/@portkey-ai/gateway/package.json"));
  } catch (cause) {
    throw new Error(`--portkey: @portkey-ai/gateway is not installed in ${folder}.`, { cause });
  }
}
