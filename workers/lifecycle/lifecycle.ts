import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { toAppError } from "@/lib/errors";
import type { HeartbeatRequest, RegisterRequest, RegisterResponse, WorkerOrder } from "@/lib/protocol";
import { type BackoffOptions, backoffMs } from "./backoff";
import type { ControllerClient } from "./controller-client";

export type LifecycleOptions = {
  client: ControllerClient;
  /** See {@link Lifecycle.offer}. */
  registration: RegisterRequest | null;
  report(): HeartbeatRequest;
  /** Called when the operator wants something else of this worker than before; it begins with `serving`. */
  onOrder?: (order: WorkerOrder) => void;
  logger: Logger;
  random?: () => number;
  backoff?: BackoffOptions;
};

const defaultBackoff: BackoffOptions = { firstMs: 250, capMs: 10_000 };
/** The longest that Node's timers wait. */
const maxWaitMs = 2 ** 31 - 1;

/**
 * Keeps a worker known to its controller: registers (for ever, as a worker may start before the controller), reports
 * at the interval that the controller asks for, and registers again when the controller has forgotten it.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #stop = new AbortController();
  #registration: RegisterRequest | null;
  /** Aborts when there is another registration. */
  #changed = new AbortController();
  #registered: RegisterResponse | null = null;
  /** The controller routes requests here, as far as this side knows. */
  #isKnown = false;
  #order: WorkerOrder = "serving";
  #loop: Promise<void> | null = null;
  #notifyRegistered: () => void = () => undefined;
  /** Settles when the controller has taken the worker for the first time. */
  readonly firstRegistered = new Promise<void>((resolve) => {
    this.#notifyRegistered = resolve;
  });

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#registration = options.registration;
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

  /**
   * What the worker offers from now on: registered at once, also in place of an earlier registration. Null: nothing, for
   * example because the engine behind it is away; the controller is told to send no more until there is another offer.
   */
  offer(registration: RegisterRequest | null): void {
    this.#registration = registration;
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort();
  }

  /** Stops reporting and tells the controller, which sends nothing more. The secret stays valid for running requests. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#withdraw();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const registration = this.#registration;
      const until = AbortSignal.any([this.#stop.signal, this.#changed.signal]);
      if (registration === null) {
        await this.#withdraw();
        await this.#wait(maxWaitMs, until);
        continue;
      }
      const registered = await this.#register(registration, until);
      if (registered !== null) await this.#report(registered, until);
    }
  }

  async #withdraw(): Promise<void> {
    const { client, logger } = this.#options;
    const registered = this.#registered;
    if (registered === null || !this.#isKnown) return;
    this.#isKnown = false;
    try {
      await client.leave(registered.workerId, registered.secret);
    } catch (error) {
      // The controller notices by itself after two missed heartbeats.
      logger.warn({ err: error }, "the controller could not be told that this worker leaves");
    }
  }

  /** Null: stopped, or another offer, before the controller took the worker. */
  async #register(registration: RegisterRequest, until: AbortSignal): Promise<RegisterResponse | null> {
    const { client, logger } = this.#options;
    for (let attempt = 0; !until.aborted; attempt++) {
      try {
        const registered = await client.register(registration);
        this.#registered = registered;
        this.#isKnown = true;
        this.#notifyRegistered();
        logger.info({ workerId: registered.workerId, heartbeatMs: registered.heartbeatMs }, "registered");
        return registered;
      } catch (cause) {
        const error = toAppError(cause);
        // One line at the first failure and then at growing distances: a controller may be away for hours.
        const level = (attempt & (attempt + 1)) === 0 ? "warn" : "debug";
        logger[level]({ code: error.code, attempt }, `not registered yet: ${error.message}`);
        await this.#wait(this.#backoff(attempt), until);
      }
    }
    return null;
  }

  /** Reports until the controller has forgotten the worker, there is another offer, or the end. */
  async #report({ workerId, secret, heartbeatMs }: RegisterResponse, until: AbortSignal): Promise<void> {
    const { client, report, logger } = this.#options;
    let intervalMs = heartbeatMs;
    let failures = 0;
    await this.#wait(intervalMs, until);
    while (!until.aborted) {
      try {
        const answer = await client.heartbeat(workerId, secret, report());
        intervalMs = answer.heartbeatMs;
        failures = 0;
        this.#follow(answer.order ?? "serving");
        await this.#wait(intervalMs, until);
      } catch (cause) {
        const error = toAppError(cause);
        // 401, whatever its code: this secret opens nothing any more.
        if (error.code === "worker_unknown" || error.status === 401) {
          logger.warn({ code: error.code }, "the controller has forgotten this worker; registering again");
          return;
        }
        if (failures === 0) logger.warn({ code: error.code }, `a heartbeat failed: ${error.message}`);
        await this.#wait(Math.min(intervalMs, this.#backoff(failures)), until);
        failures++;
      }
    }
  }

  #follow(order: WorkerOrder): void {
    if (order === this.#order) return;
    this.#order = order;
    this.#options.logger.info({ order }, "the operator has given an order");
    this.#options.onOrder?.(order);
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff ?? defaultBackoff, this.#options.random ?? Math.random);
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
