import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { childEnv, readServerEnv } from "@/lib/env";
import { compiledFolder } from "./compile/compiled-folder";
import type { ChildSpec } from "./managed-child";
import { projectRoot } from "./project-root";
import type { Secrets } from "./secrets";
import { serverFlags } from "./server-flags";

/** Node's arguments for the children; tests put stand-ins in their place. */
export type Programs = {
  /** For every child: the end that follows the launcher's. */
  preload: string[];
  server: string[];
  worker: string[];
  /** Folder of the bundled models. */
  models: string;
};

const models = join(projectRoot, "workers/models");

/** The sources as they are. */
export const sourcePrograms: Programs = {
  preload: ["--import", "tsx", "--import", "./lib/launcher/exit-with-parent.ts"],
  server: [...serverFlags, "lib/server/main.ts"],
  worker: ["workers/main.ts", "llama"],
  models,
};

/** The compiled programs of one version. */
const compiledPrograms = (folder: string): Programs => ({
  preload: ["--enable-source-maps", "--import", pathToFileURL(join(folder, "exit-with-parent.js")).href],
  server: [...serverFlags, join(folder, "server.js")],
  worker: [join(folder, "worker.js"), "llama"],
  models,
});

/** Children of the same kind as this program: compiled ones of its own version, or sources. */
export const programs = compiledFolder === null ? sourcePrograms : compiledPrograms(compiledFolder);

/** Sampling of all slots and a decode may want a thread at the same time. */
const workerThreads = "8";

export type ServerInputs = {
  host: string;
  port: number;
  databaseUrl: string;
  secrets: Secrets;
  joinToken: string;
  logs: string;
  releases: string;
};

/** In ARENA_JOIN_TOKEN: only the tokens of the database count. */
export const noSharedToken = "off";

/** What the server takes from workers, and those of the bundled models present. */
export const joinTokenOf = (secrets: Secrets): string =>
  childEnv({})["ARENA_JOIN_TOKEN"] || secrets.joinToken;

/**
 * The server's process. What the operator set stands; only what is missing comes from the launcher.
 * @throws `invalid_request` that names a variable at fault, before anything is started.
 */
export function serverChild(use: Programs, inputs: ServerInputs): { spec: ChildSpec; drainMs: number } {
  const given = childEnv({});
  const env = childEnv({
    NODE_ENV: "production",
    HOST: inputs.host,
    PORT: String(inputs.port),
    DATABASE_URL: inputs.databaseUrl,
    ARENA_SECRET: given["ARENA_SECRET"] || inputs.secrets.secret,
    ARENA_JOIN_TOKEN: inputs.joinToken,
    ARENA_RELEASES_DIR: inputs.releases,
    // Nothing balances between this one server and others: nobody has to hear of a stop before it.
    ARENA_DRAIN_LEAD_MS: given["ARENA_DRAIN_LEAD_MS"] || "0",
  });
  const { ARENA_DRAIN_MS: drainMs } = readServerEnv(env);
  const spec = {
    title: "The server",
    args: [...use.preload, ...use.server],
    env,
    logFile: join(inputs.logs, "server.log"),
  };
  return { spec, drainMs };
}

export type WorkerInputs = { url: string; joinToken: string; logs: string };

/** One process for each bundled base model; adapters (`*-lora.gguf`) are not models of their own. */
export async function workerChildren(use: Programs, inputs: WorkerInputs): Promise<ChildSpec[]> {
  const files = (await readdir(use.models)).filter((name) => name.endsWith("-q8_0.gguf")).sort();
  return files.map((file) => {
    const name = file.replace(/-q8_0\.gguf$/, "");
    return {
      title: `The worker for ${name}`,
      args: [
        ...use.preload,
        ...use.worker,
        "--model",
        join(use.models, file),
        "--tag",
        "demo",
        "--threads",
        "1",
      ],
      env: childEnv({
        NODE_ENV: "production",
        ARENA_CONTROLLER_URL: inputs.url,
        // Only this site's server calls them, whichever address the site has.
        ARENA_WORKER_HOST: childEnv({})["ARENA_WORKER_HOST"] || "127.0.0.1",
        ARENA_JOIN_TOKEN: inputs.joinToken,
        UV_THREADPOOL_SIZE: workerThreads,
        // The secrets of the site are none of a worker's business.
        ARENA_SECRET: undefined,
        DATABASE_URL: undefined,
        ARENA_OIDC_CLIENT_SECRET: undefined,
        ARENA_GITHUB_CLIENT_SECRET: undefined,
        ARENA_GOOGLE_CLIENT_SECRET: undefined,
      }),
      logFile: join(inputs.logs, `worker-${name}.log`),
    };
  });
}

/** The site's address as this machine reaches it: "every address" is none to connect to. */
export function siteUrl(host: string, port: number): string {
  const everywhere: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const reachable = everywhere[host] ?? host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}
