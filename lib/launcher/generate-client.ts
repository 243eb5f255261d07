import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { compiledFolder } from "./compile/compiled-folder";
import { projectRoot } from "./project-root";

const run = promisify(execFile);

const generated = join(projectRoot, "lib/db/generated");
const stampFile = join(generated, "schema.sha256");

/**
 * Generates the Prisma client when there is none for the present schema. Needs no network. Returns whether it had to.
 * @throws `internal` with what Prisma said.
 */
export async function generateClient(): Promise<boolean> {
  // A compiled program holds the client of its own version.
  if (compiledFolder !== null) return false;
  const stamp = await schemaStamp();
  if ((await readStamp()) === stamp) return false;
  await rm(stampFile, { force: true });
  const cli = createRequire(import.meta.url).resolve("prisma/build/index.js");
  try {
    await run(process.execPath, [cli, "generate"], {
      cwd: projectRoot,
      env: childEnv({
        // `generate` looks for the native schema engine, would download it, and never runs it: any executable contents it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      }),
    });
  } catch (cause) {
    const said = (cause as { stderr?: unknown }).stderr;
    throw new AppError("internal", {
      message: `The Prisma client could not be generated. ${said ?? cause}`,
      cause,
    });
  }
  await writeFile(stampFile, stamp);
  return true;
}

/** Changes with the schema and with Prisma's version. */
async function schemaStamp(): Promise<string> {
  const packageFile = createRequire(import.meta.url).resolve("prisma/package.json");
  const parts = await Promise.all(
    [join(projectRoot, "prisma/schema.prisma"), join(projectRoot, "prisma.config.ts"), packageFile].map(
      (path) => readFile(path),
    ),
  );
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

async function readStamp(): Promise<string | null> {
  try {
    await access(join(generated, "client.ts"));
    return await readFile(stampFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
