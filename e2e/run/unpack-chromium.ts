import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { childEnv } from "@/lib/env";

const run = promisify(execFile);

const cache = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

/**
 * Unpacks the Chromium of @sparticuz/chromium once, and returns the program to start. The package unpacks into the temporary folder, where
 * it would also take any file of that name that is there already; so it is given one of our own.
 */
export async function unpackChromium(): Promise<string> {
  const folder = join(cache, `chromium-${await packageVersion()}`);
  const program = join(folder, "start-chromium");
  if (await isThere(program)) return program;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    const script = 'import("@sparticuz/chromium").then(({ default: chromium }) => chromium.executablePath())';
    await run(process.execPath, ["-e", script], {
      cwd: dirname(cache),
      // The second makes it unpack the libraries too that a small system lacks.
      env: childEnv({ TMPDIR: draft, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" }),
    });
    await writeFile(join(draft, "start-chromium"), starter, { mode: 0o755 });
    await rename(draft, folder);
  } catch (error) {
    // Another process may have been first.
    if (!(await isThere(program))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return program;
}

async function packageVersion(): Promise<string> {
  // Its package.json is not among its exports.
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const text = await readFile(join(dirname(entry), "../../package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** The machine's own libraries and fonts come first; the package's are for what is missing. */
const starter = `#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here"
if ldd "$here/chromium" 2>/dev/null | grep -q "not found"; then LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$here/al2023/lib"; fi
if [ ! -e /etc/fonts/fonts.conf ]; then export FONTCONFIG_PATH="$here/fonts"; fi
exec "$here/chromium" "$@"
`;

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
