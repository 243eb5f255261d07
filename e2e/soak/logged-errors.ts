import { readFileSync } from "node:fs";
import { z } from "zod";

/** Of pino: errors, and what ends the process. */
const errorLevel = 50;
const lineSchema = z.object({
  level: z.number(),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

/** What a server's log calls errors, each kind once with how often: a request may fail while all others are quick. */
export function loggedErrors(logFile: string): string[] {
  const counts = new Map<string, number>();
  for (const line of readFileSync(logFile, "utf8").split("\n")) {
    if (line === "") continue;
    const said = errorOf(line);
    if (said !== null) counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].map(([said, count]) => `${count} × ${said}`);
}

/** A crash writes its stack as it is; libraries write other things too. */
const crash = /^\S*Error\b|FATAL/;

/** Null for a line that tells of no error. */
function errorOf(line: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return crash.test(line) ? line.slice(0, 300) : null;
  }
  const { level, msg, err } = lineSchema.parse(json);
  if (level < errorLevel) return null;
  return `${msg}: ${err?.message.replaceAll(/\s+/g, " ").trim().slice(0, 300) ?? "no error with it"}`;
}
