import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { migrate, startEmbeddedPostgres } from "@/lib/db";
import { serverFlags } from "@/lib/launcher";
import { type CompiledBench, compileBench } from "../compile-bench";
import type { Children } from "./children";
import type { Target } from "./exchange";
import { loadFlags } from "./load-flags";
import { scriptedModel } from "./scripted-upstream";
import type { ProfileKind } from "./server-profile";

export const contestantNames = ["direct", "arena", "portkey"] as const;
export type ContestantName = (typeof contestantNames)[number];

export type Contestant = {
  name: ContestantName;
  target: Target;
  /** The process whose time and memory are counted. */
  pid: number;
};

export type ContestantOptions = {
  children: Children;
  /** For logs and the database; the caller removes it. */
  folder: string;
  /** Where `@portkey-ai/gateway` is installed; null: not measured. */
  portkey: string | null;
  /** What our server is looked at for, and the file that tells; null: nothing. */
  profile: { kind: ProfileKind; file: string } | null;
  logLevel: string;
  /** Registers what undoes a step. */
  defer: (release: () => Promise<void>) => void;
};

const chats = (base: string): URL => new URL("/v1/chat/completions", base);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Starts the upstream and what stands before it, each in a process of its own. */
export async function startContestants(options: ContestantOptions): Promise<Contestant[]> {
  const { children, folder, portkey, defer } = options;
  const compiled = await compileBench({
    upstream: "gateway/upstream-process.ts",
    server: "gateway/server-process.ts",
    register: "gateway/register-process.ts",
  });
  defer(compiled.remove);
  const upstream = await children.start({
    name: "the upstream",
    args: [...loadFlags, compiled.program("upstream")],
    logFile: join(folder, "upstream.log"),
  });
  const model = scriptedModel;
  const direct = { url: chats(upstream.url), headers: {}, model };
  const found: Contestant[] = [{ name: "direct", target: direct, pid: upstream.pid }];
  found.push(await startArena(options, compiled, upstream.url));
  if (portkey !== null) found.push(await startPortkey(options, portkey, upstream.url));
  return found;
}

/** Our server with its database and everything that is on by default, one log line a request included. */
async function startArena(
  options: ContestantOptions,
  { program }: CompiledBench,
  upstreamUrl: string,
): Promise<Contestant> {
  const { children, folder, profile, logLevel, defer } = options;
  const secret = (): string => randomBytes(24).toString("hex");
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    password: secret(),
    isTemporary: true,
  });
  defer(() => postgres.stop({ hurry: true }));
  await migrate(postgres.url);
  const joinToken = secret();
  const server = await children.start({
    name: "the server",
    args: [
      "--enable-source-maps",
      ...serverFlags,
      program("server"),
      ...(profile === null ? [] : ["--profile", profile.file, "--kind", profile.kind]),
    ],
    env: {
      ...{ HOST: "127.0.0.1", PORT: "0", DATABASE_URL: postgres.url, ARENA_LOG_LEVEL: logLevel },
      ARENA_DRAIN_LEAD_MS: "0",
      ...{ ARENA_SECRET: secret(), ARENA_JOIN_TOKEN: joinToken },
    },
    logFile: join(folder, "server.log"),
  });
  await children.start({
    name: "the registration",
    args: [
      program("register"),
      ...["--controller", server.url, "--upstream", upstreamUrl, "--join-token", joinToken],
    ],
    logFile: join(folder, "register.log"),
  });
  const target = { url: chats(server.url), headers: bearer(server.apiKey ?? ""), model: scriptedModel };
  return { name: "arena", target, pid: server.pid };
}

async function startPortkey(
  { children, folder }: ContestantOptions,
  installed: string,
  upstreamUrl: string,
): Promise<Contestant> {
  const program = join(installed, "node_modules/@portkey-ai/gateway/build/start-server.js");
  const server = await children.start({
    name: "Portkey",
    args: ["--import", "./bench/gateway/peer-preload.mjs", program, "--headless", "--port=0"],
    logFile: join(folder, "portkey.log"),
  });
  const headers = {
    ...bearer("none"),
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${upstreamUrl}/v1`,
  };
  return {
    name: "portkey",
    target: { url: chats(server.url), headers, model: scriptedModel },
    pid: server.pid,
  };
}
