import { join, resolve } from "node:path";
import type { LauncherEnv } from "@/lib/env";
import { complainAboutNode, findSiteDatabase } from "@/lib/launcher";
import { examine, type Finding } from "./check";
import { checkSiteDatabase } from "./check-database";
import { checkDisk, checkPort, checkSecrets } from "./check-machine";

/** Looks at everything that a site needs; each check for itself, so that one fault hides no other. */
export async function runDoctor(env: LauncherEnv): Promise<Finding[]> {
  const dataDir = resolve(env.ARENA_DATA_DIR);
  const complaint = complainAboutNode(process.version);
  const node: Finding =
    complaint === null
      ? { what: "node", state: "good", found: process.version }
      : { what: "node", state: "bad", found: complaint, advice: "Install a newer Node." };
  const checks = await Promise.all([
    examine("disk", () => checkDisk(dataDir)),
    examine("secrets", () => checkSecrets(join(dataDir, "secrets.json"))),
    examine("port", () => checkPort(env.HOST, env.PORT)),
    examine("database", async () => checkSiteDatabase(await findSiteDatabase(env))),
  ]);
  return [node, ...checks.flat()];
}

const marks = { good: "ok  ", note: "note", bad: "BAD ", skipped: "-   " } as const;

export function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ what, state, found, advice }) => [
    `${marks[state]}  ${what.padEnd(14)} ${found}`,
    ...(advice === undefined ? [] : [`      ${" ".repeat(14)} → ${advice}`]),
  ]);
  return `${lines.join("\n")}\n`;
}
