import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readStage } from "./read-files";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * There is no Docker where this runs, so an image is laid out as the Dockerfile says: what its final stage copies, and the packages
 * that are left after the very commands of its stages have run. By hard links, outside this folder: a package that the image lacks
 * is found nowhere else.
 */
export class ImageLayouts {
  readonly #folder = mkdtempSync(join(tmpdir(), "arena-images-"));
  readonly #modules = new Map<string, string>();

  /** The folder that stands for `/app` of a final stage. */
  layOut(stage: string): string {
    const folder = join(this.#folder, stage);
    const copies = readStage(stage).matchAll(/^COPY --from=(\S+) \/app\/(\S+) \.\/(\S+)$/gm);
    for (const [, from = "", path = "", to = ""] of copies) {
      const target = join(folder, to);
      mkdirSync(dirname(target), { recursive: true });
      if (path === "node_modules") linkTree(join(this.#modulesOf(from), path), target);
      else cpSync(join(root, path), target, { recursive: true });
    }
    return folder;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A folder with the packages of a stage. */
  #modulesOf(stage: string): string {
    const known = this.#modules.get(stage);
    if (known !== undefined) return known;
    const text = readStage(stage);
    const from = /^FROM (\S+)/.exec(text)?.[1] ?? "";
    const folder = join(this.#folder, `stage-${stage}`);
    // The first one begins with what `npm ci` has installed here.
    const source = stage === "build" ? root : this.#modulesOf(from);
    mkdirSync(folder);
    linkTree(join(source, "node_modules"), join(folder, "node_modules"));
    for (const name of ["package.json", "package-lock.json", ".npmrc"])
      copyFileSync(join(source, name), join(folder, name));
    for (const command of removals(text))
      execFileSync("bash", ["-ec", command], {
        cwd: folder,
        env: {
          NODE_ENV: "production",
          PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
          HOME: folder,
          npm_config_offline: "true",
        },
        stdio: "pipe",
      });
    this.#modules.set(stage, folder);
    return folder;
  }
}

/** The RUN commands of a stage that take packages away. */
function removals(text: string): string[] {
  return text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => /^RUN (?:npm prune|rm) /.test(line))
    .map((line) => line.slice("RUN ".length));
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    // npm rewrites its own list in place.
    else if (entry.name === ".package-lock.json") copyFileSync(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    // Another file system.
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    copyFileSync(source, target);
  }
}
