import { randomBytes, randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { AppError, isAppError } from "@/lib/errors";

const secretsSchema = z.object({
  /** Signs cookies and derives worker secrets. */
  secret: z.string().min(32),
  /** What a worker must present to register. */
  joinToken: z.string().min(16),
  /** Of the embedded PostgreSQL. */
  databasePassword: z.string().min(16),
});
export type Secrets = z.infer<typeof secretsSchema>;

/**
 * The site's secrets, made once. A file that others may read is closed to them; a broken one is refused and left as it is, because a new
 * secret would sign every visitor out and turn every worker away.
 * @throws `internal` with one sentence.
 */
export async function loadSecrets(
  path: string,
): Promise<{ secrets: Secrets; isNew: boolean; wasOpen: boolean }> {
  const isNew = await makeSecrets(path);
  const secrets = parse(path, await readSecrets(path));
  return { secrets, isNew, wasOpen: await closeToOthers(path) };
}

/** The secrets of a site that has been started before; null where there are none. @throws `internal` with one sentence. */
export async function findSecrets(path: string): Promise<Secrets | null> {
  try {
    return parse(path, await readSecrets(path));
  } catch (error) {
    if (isAppError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
      return null;
    throw error;
  }
}

/** False when there is a file already. A link appears whole or not at all, so no start reads a half-written file. */
async function makeSecrets(path: string): Promise<boolean> {
  const fresh: Secrets = { secret: token(48), joinToken: token(24), databasePassword: token(24) };
  const draft = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600 });
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readSecrets(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError("internal", { message: `The secrets in ${path} cannot be read (${code}).`, cause });
  }
}

function parse(path: string, text: string): Secrets {
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    // The parser's own message would quote a part of the file.
    throw new AppError("internal", {
      message: `The secrets in ${path} are damaged; put the file back from a backup, or delete it to have new ones (visitors lose their sessions, workers need the new join token).`,
    });
  }
}

async function closeToOthers(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return false;
  await chmod(path, 0o600);
  return true;
}

const token = (bytes: number): string => randomBytes(bytes).toString("base64url");
