import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** As Docker reads `.dockerignore`: patterns from the root, `*` within a name, `**` over folders, the last that fits decides. */
function isIgnored(path: string): boolean {
  const patterns = readFileSync(".dockerignore", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  let ignored = false;
  for (const line of patterns) {
    const pattern = line.replace(/^!/, "");
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*\*\//g, "(?:.*/)?")
      .replace(/(?<![.)])\*/g, "[^/]*");
    if (new RegExp(`^${source}(?:/.*)?$`).test(path)) ignored = !line.startsWith("!");
  }
  return ignored;
}

it.each([
  ".env",
  "deploy/.env",
  "deploy/.env.production",
  "lib/.env.local",
  "deploy/models/model.gguf",
  "deploy/backups/site.backup",
  "site.backup",
  ".data/secrets.json",
  ".data-test/postgres/PG_VERSION",
  "elsewhere/secrets.json",
  "node_modules/next/package.json",
  ".git/config",
])("%s stays out of what is sent to the build, where COPY . . would put it into a layer", (path) => {
  expect(isIgnored(path)).toBe(true);
});

it.each([
  "package-lock.json",
  ".npmrc",
  "prisma/schema.prisma",
  "lib/env/index.ts",
  "workers/models/demo-13m-q8_0.gguf",
  "app/globals.css",
])("%s goes to the build", (path) => {
  expect(isIgnored(path)).toBe(false);
});
