import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allocationsTable } from "./allocations";
import { Children } from "./children";
import { startContestants } from "./contestants";
import { type GatewayOptions, readGatewayOptions, usage } from "./options";
import { measuredLine, report } from "./report";
import { type Results, runScenarios } from "./scenarios";
import { selfTimeTable } from "./self-time";
import { goals, goalsTable } from "./targets";

/** `npm run bench -- gateway`: what our server costs between a client and an engine, beside its peers, in one run. */

const { values } = parseArgs({
  options: {
    scenarios: { type: "string" },
    portkey: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    "stream-seconds": { type: "string" },
    "log-level": { type: "string" },
    profile: { type: "string" },
    kept: { type: "boolean" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(new Error(`Stopped by ${signal}.`)));
}

if (values.help === true) {
  process.stdout.write(usage);
} else {
  try {
    const options = await readGatewayOptions(values);
    print(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}, ${loadLine()}`);
    const results = await measureAll(options);
    print(`\n${report(results)}\n\n${goalsTable(goals(results))}\n\n${loadLine()}`);
    if (options.profile !== null) {
      const { kind, file } = options.profile;
      print(`\n${await (kind === "cpu" ? selfTimeTable(file) : allocationsTable(file, kind))}`);
    }
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 1)}\n`);
    process.exitCode = hasWrongAnswer(results) ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** Whatever was started is stopped, however it ends. The logs go only after a good end: an error names them. */
async function measureAll(options: GatewayOptions): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-"));
  const children = new Children(stop.signal);
  const releases = [() => children.stop()];
  try {
    const contestants = await startContestants({
      ...{ children, folder },
      ...{ profile: options.profile, portkey: options.portkey, logLevel: options.logLevel },
      // Before the children are stopped in reverse, because they use it to the end.
      defer: (release) => void releases.unshift(release),
    });
    const results = await runScenarios({
      ...{ ...options, contestants, signal: children.signal },
      onMeasured: (scenario, contestant, summary) => print(measuredLine(scenario, contestant, summary)),
    });
    releases.unshift(() => rm(folder, { recursive: true, force: true }));
    return results;
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

function hasWrongAnswer(results: Results): boolean {
  return Object.values(results).some((byName) =>
    Object.values(byName).some((rounds) => rounds.some(({ wrong }) => wrong > 0)),
  );
}

/** The machine's load average tells how far the figures can be trusted. */
function loadLine(): string {
  return `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}`;
}
