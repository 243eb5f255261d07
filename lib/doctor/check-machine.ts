import { stat, statfs } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Finding } from "./check";

const gib = 1024 ** 3;
const enoughBytes = 5 * gib;
const leastBytes = gib;

/** Room for the database, its log and the site's logs. */
export async function checkDisk(dataDir: string): Promise<Finding[]> {
  const { bavail, bsize } = await statfs(await nearestFolder(dataDir));
  const free = bavail * bsize;
  const found = `${(free / gib).toFixed(1)} GiB free for ${dataDir}`;
  if (free >= enoughBytes) return [{ what: "disk", state: "good", found }];
  const state = free < leastBytes ? "bad" : "note";
  return [
    {
      what: "disk",
      state,
      found,
      advice: "Make room, or set ARENA_DATA_DIR to a larger disk: a full one refuses votes.",
    },
  ];
}

async function nearestFolder(path: string): Promise<string> {
  return (await kindOf(path)) === null ? nearestFolder(join(path, "..")) : path;
}

/** Whoever reads the secrets can sign in as anybody. */
export async function checkSecrets(path: string): Promise<Finding[]> {
  const mode = await kindOf(path);
  if (mode === null) {
    return [
      {
        what: "secrets",
        state: "skipped",
        found: `none at ${path} yet; npm start makes them, or the environment gives them`,
      },
    ];
  }
  if ((mode & 0o077) === 0)
    return [{ what: "secrets", state: "good", found: `${path} is readable by its owner alone` }];
  const found = `${path} is readable by others (mode ${(mode & 0o777).toString(8)})`;
  return [{ what: "secrets", state: "bad", found, advice: `chmod 600 ${path}` }];
}

async function kindOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

const answerWaitMs = 3_000;

/** Whether the port is free, ours, or somebody else's. */
export async function checkPort(host: string, port: number): Promise<Finding[]> {
  if (port === 0) return [{ what: "port", state: "good", found: "any that is free" }];
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const at = `${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  if (!(await isTaken(reachable, port)))
    return [{ what: "port", state: "good", found: `${at} is free; no site runs there` }];
  try {
    const response = await fetch(`http://${at}/readyz`, { signal: AbortSignal.timeout(answerWaitMs) });
    const { status } = (await response.json()) as { status?: string };
    if (status === "ok") return [{ what: "port", state: "good", found: `the site answers at ${at}` }];
    const advice = "See what the checks of the database say, and the server's log.";
    return [{ what: "port", state: "note", found: `the site at ${at} says "${status}"`, advice }];
  } catch {
    const advice = `Stop the program that listens there, or set PORT: PORT=${port + 1} npm start`;
    return [{ what: "port", state: "bad", found: `another program listens at ${at}`, advice }];
  }
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: answerWaitMs });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
}
