import { readFileSync } from "node:fs";
import { memoryMib } from "@/e2e/fixtures/proc";

/** Memory of processes, from Linux's /proc. */
export type ProcessMemory = {
  /** As people call it: "server", "worker demo-13m", "PostgreSQL". */
  name: string;
  processes: number;
  /** Resident, as `ps` shows it; what processes share counts in each. */
  residentMib: number;
  /** Resident, with each page that processes share counted in equal parts: it adds up. */
  ownMib: number;
};

/** The memory of these processes, added up by name; those of one program together. */
export function memoryOf(pids: readonly number[]): ProcessMemory[] {
  const byName = new Map<string, ProcessMemory>();
  for (const pid of pids) {
    const name = nameOf(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"));
    const known = byName.get(name) ?? { name, processes: 0, residentMib: 0, ownMib: 0 };
    byName.set(name, {
      name,
      processes: known.processes + 1,
      residentMib: known.residentMib + memoryMib(pid, "VmRSS"),
      ownMib: known.ownMib + memoryMib(pid, "Pss"),
    });
  }
  return [...byName.values()];
}

function nameOf(words: readonly string[]): string {
  if (words[0]?.includes("postgres")) return "PostgreSQL";
  const model = words[words.indexOf("--model") + 1]?.match(/([^/]+?)(?:-q8_0)?\.gguf$/)?.[1];
  if (model !== undefined) return `worker ${model}`;
  if (words.some((word) => /server(?:\.js|\/main\.ts)$/.test(word))) return "server";
  return words.some((word) => word.endsWith("run.mjs")) ? "launcher" : "other";
}
