import { spawnSync } from "node:child_process";
import { readAudit } from "./read-audit";

// The stage `audit` of `npm test`: packages that the site runs with, against the registry's advisories.

const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { encoding: "utf8", timeout: 90_000 });
const result = readAudit(stdout ?? "");
switch (result.kind) {
  case "clean":
    process.stdout.write("No package has a grave fault that the registry knows of.\n");
    break;
  case "unanswered":
    process.stdout.write(`Skipped: audit (the registry gave no advisories: ${result.reason})\n`);
    break;
  case "found":
    process.stdout.write(`Grave faults in:\n${result.packages.map((one) => `  ${one}\n`).join("")}`);
    process.exitCode = 1;
}
