import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { toAppError } from "@/lib/errors";
import type { HeartbeatRequest, RegisterRequest, RegisterResponse } from "@/lib/protocol";
import { type BackoffOptions, backoffMs } from "./backoff";
import type { ControllerClient } from "./controller-client";

export type LifecycleOptions = {
  client: ControllerClient;
  registration: RegisterRequest;
  report(): HeartbeatRequest;
  logger: Logger;
  random?: () => number;
  backoff?: BackoffOptions;
};

const defaultBackoff: BackoffOptions = { firstMs: 250, capMs: 10_000 };

/**
 * Keeps a worker known to its controller: registers (for ever, as a worker may start before the controller), reports
 * at the interval that the controller asks for, and registers again when the controller has forgotten it.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #stop = new AbortController();
  #registered: RegisterResponse | null = null;
  #loop: Promise<void> | null = null;
  #notifyRegistered: () => void = () => undefined;
  /** Settles when the controller has taken the worker for the first time. */
  readonly firstRegistered = new Promise<void>((resolve) => {
    this.#notifyRegistered = resolve;
  });

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** What the controller authenticates its calls with; null before the first registration. */
  get secret(): string | null {
    return this.#registered?.secret ?? null;
  }

  get workerId(): string | null {
    return this.#registered?.workerId ?? null;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Stops reporting and tells the controller, which sends nothing more. The secret stays valid for running requests. */
  async leave(): Promise<void> {
    const { client, logger } = this.#options;
    this.#stop.abort();
    await this.#loop;
    const registered = this.#registered;
    if (registered === null) return;
    try {
      await client.leave(registered.workerId, registered.secret);
    } catch (error) {
      // The controller notices by itself after two missed heartbeats.
      logger.warn({ err: error }, "the controller could not be told that this worker leaves");
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const registered = await this.#register();
      if (registered !== null) await this.#report(registered);
    }
  }

  /** Null: stopped before the controller took the worker. */
  async #register(): Promise<RegisterResponse | null> {
    const { client, registration, logger } = this.#options;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        const registered = await client.register(registration);
        this.#registered = registered;
        this.#notifyRegistered();
        logger.info({ workerId: registered.workerId, heartbeatMs: registered.heartbeatMs }, "registered");
        return registered;
      } catch (cause) {
        const error = toAppError(cause);
        // One line at the first failure and then at growing distances: a controller may be away for hours.
        const level = (attempt & (attempt + 1)) === 0 ? "warn" : "debug";
        logger[level]({ code: error.code, attempt }, `not registered yet: ${error.message}`);
        await this.#wait(this.#backoff(attempt));
      }
    }
    return null;
  }

  /** Reports until the controller has forgotten the worker, or until the end. */
  async #report({ workerId, secret, heartbeatMs }: RegisterResponse): Promise<void> {
    const { client, report, logger } = this.#options;
    let intervalMs = heartbeatMs;
    let failures = 0;
    await this.#wait(intervalMs);
    while (!this.#stop.signal.aborted) {
      try {
        intervalMs = (await client.heartbeat(workerId, secret, report())).heartbeatMs;
        failures = 0;
        await this.#wait(intervalMs);
      } catch (cause) {
        const error = toAppError(cause);
        if (error.code === "worker_unknown" || error.code === "invalid_worker_secret") {
          logger.warn({ code: error.code }, "the controller has forgotten this worker; registering again");
          return;
        }
        if (failures === 0) logger.warn({ code: error.code }, `a heartbeat failed: ${error.message}`);
        await this.#wait(Math.min(intervalMs, this.#backoff(failures)));
        failures++;
      }
    }
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff ?? defaultBackoff, this.#options.random ?? Math.random);
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
