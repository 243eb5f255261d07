import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadSecrets } from "./secrets";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arena-secrets-"));
  path = join(folder, "data", "secrets.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mode = async (): Promise<number> => (await stat(path)).mode & 0o777;

it("are made once, for their owner alone", async () => {
  const first = await loadSecrets(path);
  expect(first).toMatchObject({ isNew: true, wasOpen: false });
  expect(first.secrets.secret.length).toBeGreaterThanOrEqual(64);
  expect(new Set(Object.values(first.secrets)).size).toBe(3);
  expect(await mode()).toBe(0o600);
  expect(await readdir(join(folder, "data"))).toEqual(["secrets.json"]);
  expect(await loadSecrets(path)).toEqual({ ...first, isNew: false });
});

it("are the same for starts at the same moment", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(path)));
  expect(new Set(all.map(({ secrets }) => secrets.secret)).size).toBe(1);
});

it("are closed when others could read them", async () => {
  await loadSecrets(path);
  await chmod(path, 0o644);
  expect((await loadSecrets(path)).wasOpen).toBe(true);
  expect(await mode()).toBe(0o600);
});

it.each(["{ half", "{}", '{"secret":"short-but-private"}', ""])(
  "damaged to %j are refused, unshown and unchanged",
  async (text) => {
    await loadSecrets(path);
    await writeFile(path, text);
    const failure = await loadSecrets(path).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      name: "AppError",
      message: expect.stringContaining(`${path} are damaged`),
    });
    expect(String(failure)).not.toContain("private");
    expect(await readFile(path, "utf8")).toBe(text);
  },
);
