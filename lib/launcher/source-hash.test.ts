import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hashSources } from "./source-hash";

let root: string;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "arena-sources-"));
  await put("app/page.tsx", "page");
  await put("lib/a.ts", "a");
  await put("next.config.ts", "config");
});
afterEach(() => rm(root, { recursive: true, force: true }));

it.each([
  ["a changed page", "app/page.tsx", "other"],
  ["a new file", "lib/b.ts", ""],
  ["a new dependency", "package-lock.json", "{}"],
])("changes with %s", async (_, path, text) => {
  const before = await hashSources(root);
  expect(await hashSources(root)).toBe(before);
  await put(path, text);
  expect(await hashSources(root)).not.toBe(before);
});

it.each([
  "lib/a.test.ts",
  "lib/db/generated/client.ts",
  "e2e/spec.ts",
  "workers/main.ts",
  ".data/x",
  "lib/launcher/main.ts",
])("does not change with %s", async (path) => {
  const before = await hashSources(root);
  await put(path, "x");
  expect(await hashSources(root)).toBe(before);
});

it("tells a moved text from one that stayed", async () => {
  const before = await hashSources(root);
  await rm(join(root, "lib/a.ts"));
  await put("lib/c.ts", "a");
  expect(await hashSources(root)).not.toBe(before);
});
