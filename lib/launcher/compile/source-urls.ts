import { readFile } from "node:fs/promises";
import { dirname, posix, relative } from "node:path";
import type { Plugin } from "esbuild";
import { standIns } from "./programs";

/** The project's root, seen from a compiled program: it is in `.compiled/<hash>`. */
const rootFromProgram = "../..";

/** `new URL("./x", import.meta.url)`, or the address by itself. */
const ownAddress = /new URL\("(\.[^"]*)", import\.meta\.url\)|import\.meta\.url/g;

/**
 * Keeps `import.meta.url` true in a bundle: it stays the address of the source file, so that the project's root, its
 * migrations and its models are found where they are. A thread's file is the exception: its compiled program takes its
 * place. Pure.
 *
 * @param path of the source, relative to the project's root
 * @throws when it starts a thread from a file that no program stands in for
 */
export function keepSourceUrls(path: string, text: string): string {
  const source = `new URL("${rootFromProgram}/${path}", import.meta.url).href`;
  let hasStandIn = false;
  const kept = text.replace(ownAddress, (_, target?: string) => {
    if (target === undefined) return source;
    const program = standIns[posix.join(dirname(path), target)];
    if (program === undefined) return `new URL("${target}", ${source})`;
    hasStandIn = true;
    return `new URL("./${program}.js", import.meta.url)`;
  });
  if (/\bnew Worker\(/.test(text) && !hasStandIn) {
    throw new Error(`${path} starts a thread; name its program in lib/launcher/compile/programs.ts.`);
  }
  return kept;
}

/** Stands in for `compiled-folder.ts`. */
const compiledFolder = `import { fileURLToPath } from "node:url";
export const compiledFolder: string | null = fileURLToPath(new URL(".", import.meta.url)).replace(/\\/$/, "");`;

/** The same for esbuild. */
export function sourceUrls(root: string): Plugin {
  return {
    name: "source-urls",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const file = relative(root, path);
        if (file === "lib/launcher/compile/compiled-folder.ts")
          return { contents: compiledFolder, loader: "ts" };
        const text = await readFile(path, "utf8");
        return /import\.meta\.url/.test(text) ? { contents: keepSourceUrls(file, text), loader: "ts" } : null;
      });
    },
  };
}
