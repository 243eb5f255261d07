import { appendFile, mkdir, readFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError } from "@/lib/errors";

const entrySchema = z.tuple([z.string(), z.string()]);

/** What a run has found out so far: texts by key, each on disk before it is used. */
export type StateFile = {
  get(key: string): string | undefined;
  set(key: string, text: string): Promise<void>;
};

/**
 * Opens the file of a run, or begins it. A last line that a crash cut short is dropped. Errors: `invalid_request` for a
 * file that is of something else.
 */
export async function openStateFile(path: string, run: string): Promise<StateFile> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
  const entries = new Map<string, string>();
  try {
    for (const line of whole.split("\n").filter((part) => part !== "")) {
      const [key, value] = entrySchema.parse(JSON.parse(line));
      entries.set(key, value);
    }
  } catch (cause) {
    throw new AppError("invalid_request", { message: `${path} is not the state of a judge's run.`, cause });
  }
  if (entries.size > 0 && entries.get("run") !== run) {
    throw new AppError("invalid_request", {
      message: `${path} belongs to a run with other prompts, another judge or other settings. Name another file with --state.`,
    });
  }
  const set = async (key: string, value: string) => {
    await appendFile(path, `${JSON.stringify([key, value])}\n`);
    entries.set(key, value);
  };
  if (entries.size === 0) await set("run", run);
  return { get: (key) => entries.get(key), set };
}
