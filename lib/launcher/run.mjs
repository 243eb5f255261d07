import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// node lib/launcher/run.mjs PROGRAM [arguments]: runs a compiled program, and compiles all of them first where the sources
// have changed. Plain JavaScript: nothing has to be compiled to run it. Where the compiler is absent, as in an image, the
// version that came along runs.

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const folder = join(root, ".compiled");

const [name = "", ...args] = process.argv.slice(2);
const program = join(await findVersion(), `${name}.js`);
if (!/^[a-z-]+$/.test(name) || !existsSync(program)) {
  process.stderr.write(`There is no program ${name}.\n`);
  process.exit(2);
}
// As if Node had been given the program itself: it starts children with its own command line.
process.argv = [process.execPath, program, ...args];
await import(pathToFileURL(program).href);

async function findVersion() {
  const compiler = join(here, "compile/main.ts");
  if (existsSync(compiler)) {
    const { compiledHash } = await import("./compile/compiled-hash.mjs");
    const version = join(folder, await compiledHash(root));
    if (existsSync(version)) return version;
    await compile(compiler);
  }
  // As the compiler left it: a source may have changed since it was looked at.
  return join(folder, readFileSync(join(folder, "current"), "utf8").trim());
}

async function compile(compiler) {
  const child = spawn(process.execPath, ["--import", "tsx", compiler], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) process.exit(1);
}
