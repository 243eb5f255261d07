import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/lib/db";
import { readCompose, readDeployFile, readImageCommands } from "../deploy/read-files";

/**
 * There is no Docker where this runs, so the images are laid out as the Dockerfile says: only what its final stages copy, and
 * only the packages that its stages leave. Then the very commands are started that the image and compose.yaml name.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const port = 43_121;
const url = `http://127.0.0.1:${port}`;

test.setTimeout(180_000);

/** What a final stage holds. */
function layOut(stage: string): string {
  const folder = mkdtempSync(join(tmpdir(), `arena-${stage}-image-`));
  const text = readDeployFile("Dockerfile");
  const body = text.slice(text.indexOf(` AS ${stage}\n`)).split(/^FROM /m)[0] ?? "";
  for (const [, from = "", to = ""] of body.matchAll(/^COPY --from=build \/app\/(\S+) \.\/(\S+)$/gm)) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(join(root, from), join(folder, to), { recursive: true });
  }
  // The packages by links, without those that the stages before it remove.
  const removed = new Set(
    [`build\n`, `${stage}-modules\n`].flatMap((name) => {
      const lines = text.slice(text.indexOf(` AS ${name}`)).split(/^FROM /m)[0] ?? "";
      return [...lines.matchAll(/node_modules\/(\S+)/g)].map(([, path = ""]) => path);
    }),
  );
  const link = (scope: string): void => {
    for (const name of readdirSync(join(root, "node_modules", scope))) {
      const path = scope === "" ? name : `${scope}/${name}`;
      if (name.startsWith(".") || removed.has(path)) continue;
      if (name.startsWith("@")) link(name);
      else {
        mkdirSync(join(folder, "node_modules", scope), { recursive: true });
        symlinkSync(join(root, "node_modules", path), join(folder, "node_modules", path));
      }
    }
  };
  link("");
  return folder;
}

type Running = { child: ChildProcess; said: () => string };

function start(words: readonly string[], folder: string, env: Record<string, string>): Running {
  const [program = "", ...args] = words;
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd: folder,
    // Nothing of this process's own environment but where programs are.
    env: { PATH: "/usr/bin:/bin", NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => {
      said += bytes.toString("utf8");
    });
  return { child, said: () => said };
}

test("the images' own commands migrate, serve and answer, from what the images hold", async () => {
  const folders = { server: layOut("server"), worker: layOut("worker") };
  const data = mkdtempSync(join(tmpdir(), "arena-image-database-"));
  let postgres: EmbeddedPostgres | null = null;
  const running: Running[] = [];
  try {
    postgres = await startEmbeddedPostgres({ directory: join(data, "postgres"), password: "password" });
    const secret = () => randomBytes(32).toString("hex");
    const shared = { ARENA_JOIN_TOKEN: secret() };
    const env = {
      DATABASE_URL: postgres.url,
      ARENA_SECRET: secret(),
      HOST: "127.0.0.1",
      PORT: String(port),
      ...shared,
    };

    const migration = start(readCompose().services["migrate"]?.command ?? [], folders.server, env);
    const [code] = await once(migration.child, "exit");
    expect(code, migration.said()).toBe(0);
    expect(migration.said()).toContain("Applied");

    const commands = readImageCommands();
    const server = start(commands.find(({ stage }) => stage === "server")?.words ?? [], folders.server, env);
    running.push(server);
    await expect.poll(() => answer("/readyz"), { timeout: 60_000, message: server.said() }).toBe(200);
    const page = await fetch(`${url}/leaderboard`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("</html>");

    const words = commands.filter(({ stage }) => stage === "worker").flatMap((command) => command.words);
    running.push(start(words, folders.worker, { ...shared, ARENA_CONTROLLER_URL: url }));
    const ask = async (): Promise<number> => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          model: "demo-13m",
          max_tokens: 8,
          messages: [{ role: "user", content: "Hi" }],
        }),
      });
      return response.status;
    };
    await expect.poll(ask, { timeout: 60_000 }).toBe(200);

    for (const { child, said } of running.splice(0).reverse()) {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      expect(await gone, said()).toEqual([0, null]);
    }
  } finally {
    for (const { child } of running) child.kill("SIGKILL");
    await postgres?.stop({ hurry: true });
    for (const folder of [...Object.values(folders), data]) rmSync(folder, { recursive: true, force: true });
  }
});

async function answer(path: string): Promise<number> {
  try {
    return (await fetch(url + path)).status;
  } catch {
    return 0;
  }
}
