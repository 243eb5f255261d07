import { type Counts, countOwn, countPlaywright, countVitest } from "./counts";

export type Stage = {
  name: string;
  /** Program of node_modules/.bin or node, and its arguments. */
  command: [string, ...string[]];
  /** Stages without which this one would only repeat their failure. */
  needs?: string[];
  /** How the program is told where its JSON report goes, and how that is counted; without one the stage counts as one test. */
  report?: {
    place: (path: string) => { args?: string[]; env?: Record<string, string> };
    count: (report: unknown) => Counts;
  };
  /** A stage that hangs must not hang the run. */
  limitMinutes: number;
};

const tsx = ["--import", "tsx"];

/** What `npm test` does, in order. */
const stages: Stage[] = [
  { name: "client", command: ["node", ...tsx, "lib/launcher/db-generate.ts"], limitMinutes: 3 },
  { name: "lint", command: ["biome", "ci", "."], limitMinutes: 5 },
  {
    name: "audit",
    command: ["node", ...tsx, "e2e/run/audit.ts"],
    report: { place: (path) => ({ args: [path] }), count: countOwn },
    limitMinutes: 4,
  },
  { name: "knip", command: ["knip"], needs: ["client"], limitMinutes: 5 },
  { name: "types", command: ["npm", "run", "--silent", "types"], needs: ["client"], limitMinutes: 10 },
  {
    name: "tests",
    command: ["vitest", "run", "--reporter=default", "--reporter=json"],
    needs: ["client"],
    report: { place: (path) => ({ args: [`--outputFile.json=${path}`] }), count: countVitest },
    limitMinutes: 20,
  },
  { name: "build", command: ["node", "lib/launcher/run.mjs", "build"], needs: ["client"], limitMinutes: 15 },
  {
    name: "chaos",
    command: ["node", ...tsx, "e2e/chaos/main.ts", "--short"],
    needs: ["build"],
    limitMinutes: 8,
  },
  {
    name: "browser",
    command: ["playwright", "test", "--reporter=list,json"],
    needs: ["build"],
    report: { place: (path) => ({ env: { PLAYWRIGHT_JSON_OUTPUT_FILE: path } }), count: countPlaywright },
    limitMinutes: 20,
  },
];

/** One stage and what it needs, for working on it alone. */
export function stagesFor(only: string | undefined, all: readonly Stage[] = stages): Stage[] {
  if (only === undefined) return [...all];
  const wanted = new Set([only]);
  // What a stage needs stands before it.
  for (const stage of [...all].reverse()) {
    if (wanted.has(stage.name)) for (const need of stage.needs ?? []) wanted.add(need);
  }
  const chosen = all.filter((stage) => wanted.has(stage.name));
  if (!chosen.some((stage) => stage.name === only)) {
    throw new Error(`There is no stage ${only}; there are ${all.map((stage) => stage.name).join(", ")}.`);
  }
  return chosen;
}
