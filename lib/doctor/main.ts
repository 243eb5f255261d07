import { parseArgs } from "node:util";
import { childEnv } from "@/lib/env";
import { describeFindings, runDoctor } from "./run-doctor";

// `npm run doctor [-- --json]`: exit code 0 when nothing is bad, 1 when something is, 2 for a wrong command line.

try {
  const { values } = parseArgs({ options: { json: { type: "boolean" } } });
  const findings = await runDoctor(childEnv({}));
  process.stdout.write(
    values.json === true ? `${JSON.stringify(findings, null, 2)}\n` : describeFindings(findings),
  );
  process.exitCode = findings.some(({ state }) => state === "bad") ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
