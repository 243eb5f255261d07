import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { projectRoot } from "../project-root";
import { compile } from "./compile";
import { compiledHash } from "./compiled-hash.mjs";

const run = promisify(execFile);

it("compiled programs run by plain Node, and are compiled once", async () => {
  await compile(projectRoot);
  expect(await compile(projectRoot)).toBe(false);
  const folder = join(projectRoot, ".compiled", await compiledHash(projectRoot));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  for (const name of ["launcher", "server", "worker", "admin", "leaderboard-thread", "exit-with-parent"])
    expect(names).toContain(`${name}.js`);

  const worker = await run(process.execPath, ["lib/launcher/run.mjs", "worker", "--help"], {
    cwd: projectRoot,
  });
  expect(worker.stdout).toContain("attach");
  await expect(
    run(process.execPath, ["lib/launcher/run.mjs", "nothing"], { cwd: projectRoot }),
  ).rejects.toMatchObject({ code: 2, stderr: "There is no program nothing.\n" });
});

it("where no source came along, the version that did runs", async () => {
  await compile(projectRoot);
  const root = await mkdtemp(join(tmpdir(), "arena-image-"));
  try {
    await cp(join(projectRoot, ".compiled"), join(root, ".compiled"), { recursive: true });
    await cp(join(projectRoot, "lib/launcher/run.mjs"), join(root, "lib/launcher/run.mjs"));
    await symlink(join(projectRoot, "node_modules"), join(root, "node_modules"));
    const { stdout } = await run(process.execPath, ["lib/launcher/run.mjs", "votes", "help"], { cwd: root });
    expect(stdout).toContain("verify");
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
