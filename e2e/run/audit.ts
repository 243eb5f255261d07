import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { add, type Counts, countWhole, nothing } from "./counts";
import { bars, readAudit } from "./read-audit";

// The stage `audit` of `npm test`: packages against the registry's advisories, those that the site runs with and all of them. Its
// argument is where its counts go. A registry that has no advisories is no failure, and nothing that has passed either.

const parts = [
  { name: "packages of the site", args: ["--omit=dev"], bar: bars.production },
  { name: "packages for its development too", args: [], bar: bars.development },
] as const;

let counts: Counts = nothing;
for (const { name, args, bar } of parts) {
  const { stdout } = spawnSync("npm", ["audit", ...args, "--json"], { encoding: "utf8", timeout: 90_000 });
  const result = readAudit(stdout ?? "", bar);
  if (result.kind === "unanswered") {
    const skip = `audit: the registry gave no advisories (${result.reason})`;
    process.stdout.write(`Skipped ${skip}\n`);
    // The second question would get the same answer.
    counts = add(counts, { ...nothing, skipped: 1, skips: [skip] });
    break;
  }
  if (result.kind === "clean") {
    process.stdout.write(`No fault in ${name}: ${bar.join(" or ")} is the bar.\n`);
    counts = add(counts, countWhole(true));
    continue;
  }
  process.stdout.write(`Faults in ${name}:\n${result.packages.map((one) => `  ${one}\n`).join("")}`);
  counts = add(counts, { ...countWhole(false), failures: result.packages.map((one) => `audit › ${one}`) });
}
const [path] = process.argv.slice(2);
if (path !== undefined) writeFileSync(path, JSON.stringify(counts));
if (counts.failed > 0) process.exitCode = 1;
