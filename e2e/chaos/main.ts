import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Rig } from "./rig";
import { NotHere, type Report, type Scenario } from "./scenario";
import { scenarios } from "./scenarios";

// `npm run chaos`: real processes are killed, stopped, starved and cut off; what was acknowledged must still be there.

const usage = `Usage: npm run chaos [-- options]

  --short          as much as fits into npm test (about a minute)
  --only LIST      of these, with commas between:
${scenarios.map(({ name, title }) => `                     ${name.padEnd(20)}${title}`).join("\n")}
  --minutes N      give up after so long (20)

Ends with 1 if anything was lost.
`;

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    minutes: { type: "string", default: "20" },
    help: { type: "boolean", short: "h" },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

type Outcome = { name: string; verdict: string; lost: number; isHere: boolean };

async function play(rig: Rig, scenario: Scenario): Promise<Outcome> {
  print(`\n${scenario.title}`);
  const begun = performance.now();
  let lost = 0;
  const report: Report = {
    tried: (line) => print(`  tried  ${line}`),
    lost(line) {
      lost += 1;
      print(`  LOST   ${line}`);
    },
    must(condition, otherwise) {
      if (!condition) report.lost(otherwise);
    },
  };
  let isHere = true;
  try {
    await scenario.run(rig, report, values.short);
  } catch (error) {
    isHere = !(error instanceof NotHere);
    if (error instanceof NotHere) print(`  not here: ${error.message}`);
    else report.lost(`it could not be played to its end: ${error instanceof Error ? error.stack : error}`);
  }
  const took = `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  if (isHere && lost === 0) print(`  lost   nothing (${took})`);
  return { name: scenario.name, verdict: isHere ? took : "not here", lost, isHere };
}

function chosen(): readonly Scenario[] {
  const { only } = values;
  if (only === undefined) return values.short ? scenarios.filter(({ isInShort }) => isInShort) : scenarios;
  return only.split(",").map((name) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new Error(`There is no scenario ${name}; --help lists them.`);
    return found;
  });
}

async function playAll(): Promise<number> {
  const begun = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "arena-chaos-database-"));
  const rig = await Rig.start(join(folder, "postgres"));
  const outcomes: Outcome[] = [];
  try {
    for (const scenario of chosen()) {
      outcomes.push(await play(rig, scenario));
      await rig.clear();
    }
  } finally {
    await rig.end();
    await rm(folder, { recursive: true, force: true });
  }
  print(
    `\n${outcomes.map(({ name, verdict, lost }) => `${name.padEnd(20)} ${verdict.padStart(8)}  ${lost === 0 ? "" : `${lost} LOST`}`).join("\n")}`,
  );
  const lost = outcomes.reduce((sum, outcome) => sum + outcome.lost, 0);
  const played = outcomes.filter(({ isHere }) => isHere).length;
  print(
    `\n${played} of ${outcomes.length} scenarios played, ${lost} losses, ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  return lost === 0 && played > 0 ? 0 : 1;
}

if (!(Number(values.minutes) > 0)) {
  process.stderr.write("--minutes needs a number above 0.\n");
  process.exit(2);
}
if (values.help === true) {
  process.stdout.write(usage);
} else {
  // The children end with this process: their channel closes, and the database has a guard.
  setTimeout(() => {
    print(`\nNot done after ${values.minutes} minutes.`);
    process.exit(1);
  }, Number(values.minutes) * 60_000).unref();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.exit(await playAll());
}
