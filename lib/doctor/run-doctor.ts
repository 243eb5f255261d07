import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { readLauncherEnv } from "@/lib/env";
import { complainAboutNode, findSiteDatabase } from "@/lib/launcher";
import { examine, type Finding } from "./check";
import { checkSiteDatabase } from "./check-database";
import { checkDisk, checkPort, checkSecrets } from "./check-machine";
import { checkSettings, readSettings } from "./check-settings";

const usualHeartbeatMs = 10_000;

/**
 * Looks at everything that a site needs; each check for itself, so that one fault hides no other. `source`: the variables of the
 * environment. Errors: `invalid_request` where it cannot tell by them where the site is.
 */
export async function runDoctor(source: Record<string, string | undefined>): Promise<Finding[]> {
  const env = readLauncherEnv(source);
  const heartbeatMs = readSettings(source).env?.ARENA_HEARTBEAT_MS ?? usualHeartbeatMs;
  const dataDir = resolve(env.ARENA_DATA_DIR);
  const complaint = complainAboutNode(process.version);
  const node: Finding =
    complaint === null
      ? { what: "node", state: "good", found: process.version }
      : { what: "node", state: "bad", found: complaint, advice: "Install a newer Node." };
  const secretsFile = join(dataDir, "secrets.json");
  const checks = await Promise.all([
    examine("settings", async () => checkSettings(source, env, existsSync(secretsFile))),
    examine("disk", () => checkDisk(dataDir)),
    examine("secrets", () => checkSecrets(secretsFile)),
    examine("port", () => checkPort(env.HOST, env.PORT)),
    examine("database", async () => checkSiteDatabase(await findSiteDatabase(env), heartbeatMs)),
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
