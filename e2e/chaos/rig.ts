import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";
import { startMockWorker, type WorkerProcess } from "@/e2e/fixtures/worker-process";
import { type EmbeddedPostgres, migrate, startEmbeddedPostgres } from "@/lib/db";
import { checkPort } from "@/lib/launcher";
import { type DatabaseRelay, startDatabaseRelay } from "./database-relay";
import { type FaultyWorker, type FaultyWorkerOptions, startFaultyWorker } from "./faulty-worker";
import { type ServerProcess, startServerProcess } from "./server-process";
import { until } from "./until";

const joinToken = "join-token-of-the-chaos-suite";
const password = "password-of-the-chaos-suite";

export type ServerOptions = {
  /** Settings beyond those below. */
  env?: Record<string, string>;
  /** Node's own arguments. */
  nodeArgs?: readonly string[];
  /** Default: one that is free. */
  port?: number;
};

export type MockOptions = { name: string; scenario?: string; delayMs?: number; slots?: number };

/** Short enough that a scenario does not wait for long, and in the same proportions as by default. */
const quickSettings = {
  ARENA_HEARTBEAT_MS: "1000",
  ARENA_UNGUARDED: "1",
  ARENA_UPSTREAM_TIMEOUT_MS: "2500",
  ARENA_DRAIN_MS: "2000",
  ARENA_DRAIN_LEAD_MS: "0",
  ARENA_QUEUE_DEADLINE_MS: "8000",
  ARENA_LOG_LEVEL: "warn",
} as const;

/** The processes of one scenario: a database behind a relay, servers, workers. Whatever it started, `end` ends. */
export class Rig {
  readonly folder: string;
  readonly relay: DatabaseRelay;
  #postgres: EmbeddedPostgres;
  readonly #directory: string;
  readonly #database: string;
  readonly #releases: (() => Promise<void>)[] = [];
  #servers = 0;

  private constructor(folder: string, directory: string, postgres: EmbeddedPostgres, relay: DatabaseRelay) {
    this.folder = folder;
    this.relay = relay;
    this.#directory = directory;
    this.#postgres = postgres;
    this.#database = new URL(postgres.url).pathname.slice(1);
  }

  /** `directory`: of the database's cluster, kept for the next rig; default: one of its own. */
  static async start(directory?: string): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), "arena-chaos-"));
    const place = directory ?? join(folder, "postgres");
    const postgres = await startEmbeddedPostgres({ directory: place, password });
    const relay = await startDatabaseRelay(portOf(postgres));
    const rig = new Rig(folder, place, postgres, relay);
    await rig.#emptyDatabase();
    return rig;
  }

  /** Everything of the scenario before goes. */
  async #emptyDatabase(): Promise<void> {
    const client = new Client({ connectionString: this.#postgres.superuserUrl });
    await client.connect();
    const name = escapeIdentifier(this.#database);
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(
      `CREATE DATABASE ${name} OWNER ${escapeIdentifier(new URL(this.#postgres.url).username)}`,
    );
    await client.end();
    await migrate(this.#postgres.url);
  }

  /** As the servers reach it: through the relay. */
  get databaseUrl(): string {
    const url = new URL(this.#postgres.url);
    url.port = String(this.relay.port);
    return url.href;
  }

  /** Past the relay. */
  get directDatabaseUrl(): string {
    return this.#postgres.url;
  }

  get postgresPid(): number {
    return this.#postgres.pid;
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.#postgres.url });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops PostgreSQL as a crash does (no checkpoint), or waits until it has gone by itself, and starts it again. */
  async restartPostgres({ hasGone = false }: { hasGone?: boolean } = {}): Promise<void> {
    if (!hasGone) await this.#postgres.stop({ hurry: true });
    await this.#postgres.exited;
    this.#postgres = await startEmbeddedPostgres({ directory: this.#directory, password });
    this.relay.leadTo(portOf(this.#postgres));
  }

  get postgresExited(): Promise<void> {
    return this.#postgres.exited;
  }

  async startServer({ env = {}, nodeArgs, port }: ServerOptions = {}): Promise<ServerProcess> {
    this.#servers += 1;
    const server = await startServerProcess(
      {
        ...quickSettings,
        HOST: "127.0.0.1",
        PORT: String(port ?? (await checkPort("127.0.0.1", 0))),
        DATABASE_URL: this.databaseUrl,
        ARENA_SECRET: "secret-of-the-chaos-suite-0123456789",
        ARENA_JOIN_TOKEN: joinToken,
        ...env,
      },
      join(this.folder, `server-${this.#servers}.log`),
      nodeArgs,
    );
    this.#releases.push(async () => {
      server.signal("SIGKILL");
      await server.exited;
    });
    return server;
  }

  /** Settles when the server serves the worker's model. */
  async startMock(server: ServerProcess, options: MockOptions): Promise<WorkerProcess> {
    const worker = await startMockWorker({ ...options, controllerUrl: server.url, joinToken });
    this.#releases.push(() => worker.kill());
    await this.served(server, options.name);
    return worker;
  }

  async startFaulty(server: ServerProcess, options: FaultyWorkerOptions): Promise<FaultyWorker> {
    const worker = await startFaultyWorker(server.url, joinToken, options);
    this.#releases.push(() => worker.close());
    await this.served(server, options.name);
    return worker;
  }

  /** Settles when the model is on the server's list; throws after 20 s. */
  async served(server: ServerProcess, model: string): Promise<void> {
    const waited = await until(async () => {
      const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] };
      return data.some(({ id }) => id === model);
    }, 20_000);
    if (waited === null) throw new Error(`${model} is not served.`);
  }

  /** Ends the processes of a scenario; the rig can play another one. */
  async clear(): Promise<void> {
    for (const release of this.#releases.splice(0).reverse()) await release();
    this.relay.restore();
    await this.#emptyDatabase();
  }

  async end(): Promise<void> {
    for (const release of this.#releases.splice(0).reverse()) await release();
    await this.relay.close();
    await this.#postgres.stop({ hurry: true });
    await rm(this.folder, { recursive: true, force: true });
  }
}

const portOf = (postgres: EmbeddedPostgres): number => Number(new URL(postgres.url).port);

/** A name that no other scenario uses. */
export const uniqueName = (word: string): string => `${word}-${randomUUID().slice(0, 8)}`;
