import { isIP } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { faultOfUnknown, type Setting, settingsOf } from "./settings";

/**
 * The only reader of `process.env`. Every variable is in one of the schemas below, with its default; `meanings.ts` says what
 * it is for, and `npm run docs:settings` writes the README's table from both.
 */

const portSchema = z.coerce.number().int().min(0).max(65_535);
const flagSchema = z
  .enum(["0", "1", "false", "true"])
  .transform((value) => value === "1" || value === "true");
const listSchema = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part.length > 0),
);

/** Hops, or addresses and networks (CIDR, comma-separated; `loopback`, `linklocal`, `uniquelocal`). */
const trustProxySchema = z.string().transform((text, context): number | string[] => {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part.length > 0);
  if (/^\d{1,2}$/.test(text.trim())) return Number(text);
  for (const part of parts) {
    if (isNetwork(part) || ["loopback", "linklocal", "uniquelocal"].includes(part)) continue;
    context.addIssue({ code: "custom", message: "a number of hops, or addresses and networks (CIDR)" });
    break;
  }
  return parts;
});

function isNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** An origin: scheme, host and port. */
const publicUrlSchema = z
  .url({ protocol: /^https?$/ })
  // Both steps are taken even where the one before has found a fault.
  .refine((text) => URL.canParse(text) && new URL(text).pathname === "/", "an address without a path")
  .transform((text) => (URL.canParse(text) ? new URL(text).origin : text));

/** `off` is for the launcher, which makes a token where none is set. */
const joinTokenSchema = z
  .string()
  .refine((token) => token === "off" || token.length >= 16, "at least 16 characters, or off")
  .transform((token) => (token === "off" ? undefined : token));

const logLevelSchema = z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]);

/** What `npm start` itself reads. */
const launcherSchema = z.object({
  /** Address and port of the site. */
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: portSchema.default(3000),
  /** PostgreSQL ≥ 15; unset: `npm start` runs one under ARENA_DATA_DIR. */
  DATABASE_URL: z.string().min(1).optional(),
  /** Where the embedded database, the secrets and the run lock live. */
  ARENA_DATA_DIR: z.string().min(1).default(".data"),
  /** Where people's browsers find the site; the launcher prints links with it. */
  ARENA_PUBLIC_URL: publicUrlSchema.optional(),
  /** Releases of the vote data, which `/data` offers. Default: `releases` in ARENA_DATA_DIR. */
  ARENA_RELEASES_DIR: z.string().min(1).optional(),
  /** 0: start no worker for the bundled demo models. */
  ARENA_DEMO_WORKERS: flagSchema.default(true),
  ARENA_LOG_LEVEL: logLevelSchema.default("info"),
});
export type LauncherEnv = z.infer<typeof launcherSchema>;

/** Where releases of the vote data are made and offered. */
export function releasesFolder(env: Pick<LauncherEnv, "ARENA_RELEASES_DIR" | "ARENA_DATA_DIR">): string {
  return env.ARENA_RELEASES_DIR ?? join(env.ARENA_DATA_DIR, "releases");
}

/** What a server process reads. The launcher fills in what is needed; elsewhere the operator sets it. */
const serverFields = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: portSchema.default(3000),
  DATABASE_URL: z.string().min(1),
  /** Signs cookies and derives worker secrets. At least 32 characters; the launcher makes one. */
  ARENA_SECRET: z.string().min(32),
  /** What a worker may present to register, for any model; unset or `off`: only the tokens of the database count. */
  ARENA_JOIN_TOKEN: joinTokenSchema.optional(),
  /** Comma-separated keys for /v1 without limits. The keys of the database (`npm run admin -- keys`) count beside them. */
  ARENA_API_KEYS: listSchema.default([]),
  /** 1: programs on this machine may call /v1 without a key. Default: until there is a key or TRUST_PROXY. */
  ARENA_KEYLESS_LOOPBACK: flagSchema.optional(),
  /** Bearer token of `/metrics`. Unset: direct requests of programs on this machine only. */
  ARENA_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, "16 characters at least, without spaces")
    .optional(),
  /** Proxies whose `X-Forwarded-*` headers are believed: a number of hops, or networks. Default: none. */
  TRUST_PROXY: trustProxySchema.default(0),
  /** Sites (origins, comma-separated) whose pages may call /v1 from a browser; `*`: any. */
  ARENA_CORS_ORIGINS: listSchema
    .pipe(
      z.array(z.string().regex(/^(?:\*|https?:\/\/[^/\s]+)$/, "origins such as https://lab.example, or *")),
    )
    .default([]),
  /** Networks (CIDR, comma-separated) in which workers may be dialled. */
  ARENA_WORKER_NETWORKS: listSchema.default([
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
  ]),
  /** A moderation endpoint in OpenAI's style, such as https://api.openai.com/v1/moderations; unset: none is asked. */
  ARENA_MODERATION_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Its key, where it wants one. */
  ARENA_MODERATION_KEY: z.string().min(1).optional(),
  /** The model that it is asked for. */
  ARENA_MODERATION_MODEL: z.string().min(1).max(128).default("omni-moderation-latest"),
  /** 1: it takes images, 0: texts only. Unset: images where its model is called omni-moderation…, as OpenAI's that take them are. */
  ARENA_MODERATION_IMAGES: flagSchema.optional(),
  /** How often a worker reports; one that missed two and does not answer when it is asked is out. */
  ARENA_HEARTBEAT_MS: z.coerce.number().int().min(100).max(600_000).default(10_000),
  /** Longest wait for a worker's first byte, and between two of its bytes. */
  ARENA_UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(60_000),
  /** Longest wait for the first byte of an answer that is not streamed: workers send none before it is complete. */
  ARENA_WHOLE_ANSWER_TIMEOUT_MS: z.coerce.number().int().min(100).max(86_400_000).default(600_000),
  /** 1: neither limits on visitors nor rules on votes. For load tests, whose visitors are programs; never for a public site. */
  ARENA_UNGUARDED: flagSchema.default(false),
  /** Redis that counts the limits of visitors and networks; unset: PostgreSQL does. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** How a worker is chosen: least_outstanding, round_robin or lottery. */
  ARENA_DISPATCH_POLICY: z.enum(["least_outstanding", "round_robin", "lottery"]).default("least_outstanding"),
  /** Requests that may wait in line for one model, in each server process; 0: none waits. */
  ARENA_QUEUE_LIMIT: z.coerce.number().int().min(0).max(100_000).default(256),
  /** Longest wait in line for a worker. */
  ARENA_QUEUE_DEADLINE_MS: z.coerce.number().int().min(1).max(3_600_000).default(30_000),
  /** Server processes that share the port. */
  WEB_CONCURRENCY: z.coerce.number().int().min(1).max(256).default(1),
  /** How long an answer goes on without any reader before it is stopped. */
  ARENA_ORPHAN_GRACE_MS: z.coerce.number().int().min(0).max(3_600_000).default(600_000),
  /** How long running answers may take to end when the server is told to stop. */
  ARENA_DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
  /** How much of it new requests are still taken, while `/readyz` already says 503. See {@link drainLeadMs}. */
  ARENA_DRAIN_LEAD_MS: z.coerce.number().int().min(0).max(600_000).optional(),
  /** Longest answer of a battle, in tokens. */
  ARENA_BATTLE_MAX_TOKENS: z.coerce.number().int().min(1).max(131_072).default(2048),
  /** Share of battles in which a model meets itself, to see what voters prefer where there is no difference. */
  ARENA_SELF_DUEL_RATE: z.coerce.number().min(0).max(0.5).default(0),
  /** Shortest time between two fits of a board with style control. */
  ARENA_STYLE_REFRESH_MS: z.coerce.number().int().min(1_000).max(86_400_000).default(60_000),
  /** 1: cookies are sent over TLS only. Set it behind an HTTPS proxy. An https ARENA_PUBLIC_URL does the same. */
  ARENA_SECURE_COOKIES: flagSchema.default(false),
  /** Where people's browsers find the site. Needed for sign-in by a provider, whose answer comes back to it. */
  ARENA_PUBLIC_URL: publicUrlSchema.optional(),
  /** Sign-in by any OpenID Connect provider: its issuer, and this site's client there. */
  ARENA_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  ARENA_OIDC_CLIENT_ID: z.string().min(1).optional(),
  ARENA_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** What the button calls it. */
  ARENA_OIDC_NAME: z.string().min(1).max(40).default("OpenID"),
  ARENA_GITHUB_CLIENT_ID: z.string().min(1).optional(),
  ARENA_GITHUB_CLIENT_SECRET: z.string().min(1).optional(),
  ARENA_GOOGLE_CLIENT_ID: z.string().min(1).optional(),
  ARENA_GOOGLE_CLIENT_SECRET: z.string().min(1).optional(),
  /** Where traces are sent (OTLP over HTTP, e.g. http://127.0.0.1:4318). Unset: nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_SERVICE_NAME: z.string().min(1).max(255).default("chat-arena"),
  ARENA_LOG_LEVEL: logLevelSchema.default("info"),
  /** Releases of the vote data, which `/data` offers. The launcher sets it. */
  ARENA_RELEASES_DIR: z.string().min(1).default(".data/releases"),
});
/** What makes up one provider: half of it is a mistake. */
const providerVariables = [
  ["ARENA_OIDC_ISSUER", "ARENA_OIDC_CLIENT_ID", "ARENA_OIDC_CLIENT_SECRET"],
  ["ARENA_GITHUB_CLIENT_ID", "ARENA_GITHUB_CLIENT_SECRET"],
  ["ARENA_GOOGLE_CLIENT_ID", "ARENA_GOOGLE_CLIENT_SECRET"],
] as const;

const serverSchema = serverFields.superRefine((env, context) => {
  if (env.ARENA_DRAIN_LEAD_MS !== undefined && env.ARENA_DRAIN_LEAD_MS > env.ARENA_DRAIN_MS) {
    const message = "it is a part of ARENA_DRAIN_MS and cannot be longer";
    context.addIssue({ code: "custom", path: ["ARENA_DRAIN_LEAD_MS"], message });
  }
  for (const names of providerVariables) {
    const given = names.find((name) => env[name] !== undefined);
    if (given === undefined) continue;
    for (const name of names) {
      if (env[name] !== undefined) continue;
      context.addIssue({ code: "custom", path: [name], message: `needed too where ${given} is set` });
    }
  }
});
export type ServerEnv = z.infer<typeof serverSchema>;

/** Enough for a balancer that asks `/readyz` every two seconds and believes the second answer. */
const usualLeadMs = 5_000;

/** How long a stopping server goes on taking requests, so that balancers hear of the stop before anybody is refused. */
export function drainLeadMs(env: Pick<ServerEnv, "ARENA_DRAIN_MS" | "ARENA_DRAIN_LEAD_MS">): number {
  return env.ARENA_DRAIN_LEAD_MS ?? Math.min(usualLeadMs, env.ARENA_DRAIN_MS / 2);
}

/** What a worker process reads besides its command line. */
const workerSchema = z.object({
  /** Addresses of the site's servers, comma-separated: where one does not answer, the worker goes on to the next. */
  ARENA_CONTROLLER_URL: listSchema
    .pipe(z.array(z.url({ protocol: /^https?$/ })).min(1))
    .default(["http://127.0.0.1:3000"]),
  ARENA_JOIN_TOKEN: z.string().min(16).optional(),
  /** Address that the worker's server listens on. Unset: see `workers/own-address.ts`. */
  ARENA_WORKER_HOST: z.string().min(1).optional(),
  /** 0: any free port. */
  ARENA_WORKER_PORT: portSchema.default(0),
  /** How long running answers may take to end when the worker is told to stop. */
  ARENA_DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
  ARENA_LOG_LEVEL: logLevelSchema.default("info"),
});
export type WorkerEnv = z.infer<typeof workerSchema>;

/** What the tests read. */
const testSchema = z.object({
  /** A PostgreSQL to test against (its user may create databases); unset: the embedded one. */
  ARENA_TEST_DATABASE_URL: z.string().min(1).optional(),
  /** Folder with the public vote data; tests that need it skip where it is absent. */
  ARENA_TEST_DATA: z.string().min(1).default("../shared/data"),
  /** A Chromium to use for the browser tests. */
  ARENA_TEST_CHROMIUM: z.string().min(1).optional(),
  CI: z.string().optional(),
});
export type TestEnv = z.infer<typeof testSchema>;

const schemas = { start: launcherSchema, server: serverSchema, worker: workerSchema, tests: testSchema };

/** Every setting of every program. */
export const listSettings = (): Setting[] => settingsOf(schemas);

/** One list for all programs: the operator sets variables for a machine, and each program reads its own. */
const knownNames = [...new Set(Object.values(schemas).flatMap(({ shape }) => Object.keys(shape)))];

type Source = Record<string, string | undefined>;

export const readLauncherEnv = (source: Source = process.env): LauncherEnv => read(launcherSchema, source);
export const readServerEnv = (source: Source = process.env): ServerEnv => read(serverSchema, source);
export const readWorkerEnv = (source: Source = process.env): WorkerEnv => read(workerSchema, source);
export const readTestEnv = (source: Source = process.env): TestEnv => read(testSchema, source);

/**
 * A key from a variable that the operator names on a command line. Errors: `invalid_request` with the variable's name,
 * never its value.
 */
export function readSecretVariable(name: string, source: Source = process.env): string {
  const value = source[name];
  if (value === undefined || value === "") {
    throw new AppError("invalid_request", { message: `The environment variable ${name} is not set.` });
  }
  // Anything else could not be sent as a bearer token.
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new AppError("invalid_request", {
    message: `The environment variable ${name} holds spaces or characters that no key has.`,
  });
}

/** The whole environment for a child process, with changes; `undefined` removes a variable. */
export function childEnv(changes: Source): NodeJS.ProcessEnv {
  const merged: Source = { ...process.env, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  ) as NodeJS.ProcessEnv;
}

/** Sets variables of this process, for native libraries that read them when they are loaded, and for its children. */
export function setEnv(changes: Record<string, string>): void {
  Object.assign(process.env, changes);
}

/** Errors: `invalid_request` that names each variable at fault and never its value. An empty variable counts as unset. */
function read<T>(schema: z.ZodType<T>, source: Source): T {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const unknown = Object.keys(present).flatMap((name) => faultOfUnknown(name, knownNames) ?? []);
  const result = schema.safeParse(present);
  if (result.success && unknown.length === 0) return result.data;
  const issues = result.error?.issues ?? [];
  const faults = [...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`), ...unknown];
  throw new AppError("invalid_request", { message: `The environment is not valid. ${faults.join("; ")}` });
}
