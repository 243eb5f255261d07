import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { childEnv } from "@/lib/env";
import { parseCli } from "../../workers/cli";
import { readBlocks } from "./runnable-blocks";

const run = promisify(execFile);
const pages = readdirSync("docs").filter((name) => name.endsWith(".md"));
const blocksOf = (page: string) => readBlocks(readFileSync(join("docs", page), "utf8"));
const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
  .scripts;

let site: TestDatabase;
let empty: TestDatabase;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  [site, empty] = await Promise.all([createTestDatabase(), createTestDatabase({ isBare: true })]);
  const folder = await mkdtemp(join(inject("scratch"), "docs-"));
  await mkdir(join(folder, "backups"));
  env = childEnv({
    DATABASE_URL: site.url,
    EMPTY_DATABASE_URL: empty.url,
    BACKUPS: join(folder, "backups"),
    ARENA_DATA_DIR: join(folder, "data"),
    PORT: "0",
  });
});
afterAll(() => Promise.all([site.drop(), empty.drop()]));

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
        for (const [path] of command.matchAll(/\bdeploy\/[\w./-]+\w/g))
          expect(existsSync(path) || path === "deploy/.env", path).toBe(true);
        const unit = /systemctl .* (arena-[\w@]+)/.exec(command)?.[1];
        if (unit !== undefined) expect(existsSync(`deploy/systemd/${unit}.service`)).toBe(true);
      }
    });

  it("links lead to files", () => {
    const text = readFileSync(join("docs", page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join("docs", target)), target).toBe(true);
  });
});
