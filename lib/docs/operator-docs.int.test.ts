import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { childEnv, listSettings } from "@/lib/env";
import { parseCli } from "../../workers/cli";
import { readBlocks } from "./runnable-blocks";

const run = promisify(execFile);
const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
const blocksOf = (page: string) => readBlocks(readFileSync(join("docs", page), "utf8"));
const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
  .scripts;

const settings = listSettings().map(({ name }) => name);
/** What the operator makes first. */
const made = new Set(["deploy/.env", "deploy/backups"]);

let site: TestDatabase;
let empty: TestDatabase;
let env: NodeJS.ProcessEnv;
let folder: string;

beforeAll(async () => {
  [site, empty] = await Promise.all([createTestDatabase(), createTestDatabase({ isBare: true })]);
  folder = await mkdtemp(join(inject("scratch"), "docs-"));
  await mkdir(join(folder, "backups"));
  for (const version of ["before", "after"])
    await mkdir(join(folder, "site/versions", version), { recursive: true });
  await symlink("versions/before", join(folder, "site/current"));
  env = childEnv({
    DATABASE_URL: site.url,
    EMPTY_DATABASE_URL: empty.url,
    BACKUPS: join(folder, "backups"),
    ARENA_DATA_DIR: join(folder, "data"),
    ...{ PORT: "0", SITE: join(folder, "site"), VERSION: "after" },
  });
});
afterAll(() => Promise.all([site.drop(), empty.drop()]));

/**
 * What a command runs of the site's own, within a container, a pod or a unit; null where it is none. Files lie in a folder of this
 * test instead of a volume.
 */
function ownProgram(command: string, files: string): string | null {
  const [, words] =
    /lib\/launcher\/run\.mjs ([^'>&]*)/.exec(command) ??
    /docker compose .* run --rm tool (.*)$/.exec(command) ??
    [];
  return words?.replace(/\/(?:backups|tmp|var\/lib\/chat-arena)(?=\/)/, files).trim() ?? null;
}

it("the switch to a version beside the old one is a switch", async () => {
  const [command = ""] = blocksOf("upgrade.md").flatMap(({ commands }) =>
    commands.filter((one) => one.includes("ln -sfn")),
  );
  const current = join(folder, "site/current");
  await run("bash", ["-c", command], { env: { ...env, VERSION: "before" } });
  expect(await readlink(current)).toBe("versions/before");
  await run("bash", ["-c", command], { env });
  expect(await readlink(current)).toBe("versions/after");
});

describe.each(pages)("docs/%s", (page) => {
  const blocks = blocksOf(page);
  const of = (kind: string) => blocks.flatMap((block) => (block.kind === kind ? block.commands : []));

  if (of("run").length > 0)
    it("every command that can run here does", { timeout: 240_000 }, async () => {
      for (const command of of("run")) {
        // Throws, with what it said, unless it ends with 0.
        await run("bash", ["-c", command], { env });
      }
    });

  if (of("gpu").length > 0)
    it("every worker's command line is one", () => {
      for (const command of of("gpu")) {
        const args = /^npm run worker -- (.*)$/.exec(command)?.[1]?.split(/\s+/);
        expect(args, command).toBeDefined();
        expect(parseCli(args ?? []), command).toMatchObject({ kind: "command" });
      }
    });

  if (of("host").length > 0)
    it("what the other commands name exists", () => {
      for (const command of of("host")) {
        const script = /^npm (?:run )?(start|build|test|[a-z:]+)\b/.exec(command)?.[1];
        if (script !== undefined && !["ci", "install"].includes(script))
          expect(scripts).toHaveProperty([script]);
        for (const [path] of command.matchAll(/\bdeploy\/[\w./@-]+\w/g))
          expect(existsSync(path) || made.has(path), path).toBe(true);
        for (const [, name = ""] of command.matchAll(/--from-literal=(\w+)=/g))
          expect(settings).toContain(name);
        const unit = /systemctl .* (arena-[\w@]+)/.exec(command)?.[1];
        if (unit !== undefined) expect(existsSync(`deploy/systemd/${unit}.service`)).toBe(true);
      }
    });

  const programs = of("host").filter((command) => ownProgram(command, "") !== null);
  if (programs.length > 0)
    it("what they run of the site's own programs does what it should", { timeout: 240_000 }, async () => {
      for (const [index, command] of programs.entries()) {
        const files = await mkdtemp(join(folder, `files-${index}-`));
        const words = ownProgram(command, files) ?? "";
        await run("bash", ["-c", `node lib/launcher/run.mjs ${words}`], {
          env: { ...env, ARENA_RELEASES_DIR: join(files, "releases") },
        });
      }
    });

  it("links lead to files", () => {
    const text = readFileSync(join("docs", page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join("docs", target)), target).toBe(true);
  });
});
