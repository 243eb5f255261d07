import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

export type FleetMember = {
  /** As in "GPU 0". */
  title: string;
  /** Node's arguments. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
};

export type FleetOptions = {
  /** Wait before start number `attempt` (from 0) after a crash. */
  backoffMs(attempt: number): number;
  /** One line for people. */
  report(line: string): void;
  /** All members serve. */
  onReady(models: string[], url: string): void;
  /** A member said that it cannot run, before it ever served; all are then stopped. */
  onFailed(message: string): void;
};

const messageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), models: z.array(z.string()), url: z.string() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
]);

/** A member that has run for this long was well: its next crash counts as the first. */
const calmMs = 60_000;

type State = FleetMember & { child: ChildProcess | null; ready: { models: string[]; url: string } | null };

/**
 * Keeps a worker process for each member running. One that dies is started again after a growing wait; one that cannot
 * run from the start, or that somebody stops, is not. Children end by themselves when this process is gone: their
 * channel closes.
 */
export class Fleet {
  readonly #members: readonly State[];
  readonly #options: FleetOptions;
  readonly #stopping = new AbortController();
  #isReady = false;
  #isDisconnected = false;

  constructor(members: readonly FleetMember[], options: FleetOptions) {
    this.#members = members.map((member) => ({ ...member, child: null, ready: null }));
    this.#options = options;
  }

  /** Resolves when all have ended, to the largest of their exit codes; one that a signal ended counts 1. */
  async run(): Promise<number> {
    return Math.max(...(await Promise.all(this.#members.map((member) => this.#keep(member)))));
  }

  /** Asks all to drain. A second call makes them end at once. */
  terminate(): void {
    this.#stopping.abort();
    for (const { child } of this.#members) child?.kill("SIGTERM");
  }

  /** Tells all that nobody reads their answers any more; one that is not listening yet is stopped by the signal. */
  disconnect(): void {
    this.#isDisconnected = true;
    for (const { child } of this.#members) if (child?.connected === true) child.disconnect();
    this.terminate();
  }

  async #keep(member: State): Promise<number> {
    const { signal } = this.#stopping;
    for (let attempt = 0; ; attempt++) {
      const startedAt = performance.now();
      const { code, how, hasFailed } = await this.#runOnce(member);
      if (signal.aborted || code === 0) return code;
      if (hasFailed && member.ready === null) {
        this.terminate();
        return code;
      }
      if (performance.now() - startedAt >= calmMs) attempt = 0;
      const waitMs = this.#options.backoffMs(attempt);
      this.#options.report(
        `${member.title} ended unexpectedly (${how}); it starts again in ${(waitMs / 1000).toFixed(1)} s.`,
      );
      try {
        await delay(waitMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return code;
        throw error;
      }
    }
  }

  async #runOnce(member: State): Promise<{ code: number; how: string; hasFailed: boolean }> {
    const child = spawn(process.execPath, member.args, {
      env: member.env,
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    member.child = child;
    let hasFailed = false;
    child.on("message", (raw) => {
      const { data: message } = messageSchema.safeParse(raw);
      if (message?.type === "ready") this.#noteReady(member, message.models, message.url);
      if (message?.type !== "failed") return;
      hasFailed = true;
      if (member.ready === null) this.#options.onFailed(`${member.title}: ${message.message}`);
    });
    // Logs on stdout are JSON and carry the number; what else is said is for people.
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on("line", (line) =>
        this.#options.report(`${member.title}: ${line}`),
      );
    }
    // The last messages and lines come between "exit" and "close"; without a channel there is no "close".
    const end = await Promise.race([
      once(child, "close"),
      once(child, "exit").then((exit) => (this.#isDisconnected ? exit : once(child, "close"))),
    ]);
    const [code, signal] = end as [number | null, NodeJS.Signals | null];
    member.child = null;
    return { code: code ?? 1, how: signal === null ? `exit code ${code}` : `signal ${signal}`, hasFailed };
  }

  #noteReady(member: State, models: string[], url: string): void {
    member.ready = { models, url };
    const ready = this.#members.map((one) => one.ready);
    if (this.#isReady || ready.includes(null)) return;
    this.#isReady = true;
    const all = ready.flatMap((one) => one?.models ?? []);
    this.#options.onReady([...new Set(all)], ready[0]?.url ?? url);
  }
}
