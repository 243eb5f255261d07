import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { AppError, isAppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { backoffMs } from "../../lifecycle";
import type { ForwardAnswer, ForwardingEngine, ForwardRequest } from "../forwarding-engine";
import type { EngineInfo, EngineStatus } from "../types";
import { readJson } from "./engine-kind";
import { forwardBody } from "./forward-body";
import { type LearntEngine, learnEngine, listModels, UnusableEngineError } from "./learn-engine";
import { makeOffer, type Offer, type OfferOptions } from "./offer";
import { passOn } from "./pass-on";
import { Upstream, type UpstreamOptions } from "./upstream";

export type AttachEngineOptions = OfferOptions &
  UpstreamOptions & {
    /** Null: what the engine tells, or what engines of its kind usually take. */
    slots: number | null;
    logger: Logger;
    /** Between two looks at the engine. */
    probeMs?: number;
    /** Waits for an engine that is away. */
    backoff?: { firstMs: number; capMs: number };
  };

const defaultProbeMs = 5_000;
/** For a provider, or an engine that has only its list of models to look at. */
const slowProbeMs = 30_000;
const defaultBackoff = { firstMs: 250, capMs: 10_000 };
const maxSlots = 4096;
/** Looks that may fail in a row before the engine counts as away: one may time out while it is very busy. */
const failuresUntilAway = 2;
const nothingOffered: Offer = { models: [], upstreamNames: new Map(), guessedLengths: [] };

/** An engine elsewhere: learns what it is, watches it, and passes requests and answers on as bytes. */
export class AttachEngine implements ForwardingEngine {
  readonly #options: AttachEngineOptions;
  readonly #upstream: Upstream;
  readonly #stop = new AbortController();
  #learnt: LearntEngine | null = null;
  #offer: Offer = nothingOffered;
  #isAvailable = false;
  #ownRequests = 0;
  /** What the engine last said of its load. */
  #load: EngineStatus | null = null;
  #readLoad: ((text: string) => EngineStatus | null) | null = null;
  #watching: Promise<void> | null = null;
  #lookSooner = new AbortController();
  #onChange: () => void = () => undefined;

  constructor(options: AttachEngineOptions) {
    this.#options = options;
    this.#upstream = new Upstream(options);
  }

  /** Waits for the engine, for ever. Errors: one sentence when waiting does not help. */
  async load(): Promise<void> {
    const { logger } = this.#options;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        await this.#learn();
        if (this.#options.isDirect) await this.#requireOpenDoor();
        this.#requireChosen();
        this.#isAvailable = true;
        this.#watching = this.#watch();
        return;
      } catch (error) {
        if (error instanceof UnusableEngineError) throw error;
        const level = (attempt & (attempt + 1)) === 0 ? "warn" : "debug";
        logger[level](
          { attempt, reason: reasonOf(error) },
          `waiting for the engine at ${this.#upstream.baseUrl.origin}`,
        );
        await this.#wait(this.#backoff(attempt));
      }
    }
  }

  info(): EngineInfo {
    const { slots } = this.#options;
    const kind = this.#learnt?.kind;
    const known = slots ?? this.#learnt?.slots ?? kind?.usualSlots ?? 1;
    return {
      name: "attach",
      version: `${kind?.name ?? ""} ${this.#learnt?.version ?? ""}`.trim().slice(0, 64),
      device: `${kind?.name ?? "engine"} at ${this.#upstream.baseUrl.host}`.slice(0, 256),
      slots: Math.min(known, maxSlots),
    };
  }

  models(): readonly OfferedModel[] {
    return this.#offer.models;
  }

  /** What the engine says, which counts the requests of others, too; but never less than this worker has there. */
  status(): EngineStatus {
    const own = this.#ownRequests;
    const { busySlots = 0, queued = 0, tokensPerSecond = null } = this.#load ?? {};
    return { busySlots: Math.max(busySlots, own - queued), queued, tokensPerSecond };
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  async forward({ path, body, requestId, signal }: ForwardRequest): Promise<ForwardAnswer> {
    const { models, upstreamNames } = this.#offer;
    const request = forwardBody(body, path, models, upstreamNames);
    this.#ownRequests++;
    let isPassedOn = false;
    try {
      const answer = await passOn({
        upstream: this.#upstream,
        request,
        path,
        requestId,
        signal,
        secret: this.#options.apiKey,
        onEnd: () => {
          this.#ownRequests--;
        },
        onUnwell: (status) => this.#noticeUnwell(status, requestId),
      });
      isPassedOn = true;
      return answer;
    } finally {
      if (!isPassedOn) this.#ownRequests--;
    }
  }

  async tokenizeElsewhere(model: string, text: string, signal: AbortSignal): Promise<number[]> {
    const upstreamName = this.#offer.upstreamNames.get(model);
    const call = this.#learnt?.kind.tokenize;
    if (upstreamName === undefined) {
      throw new AppError("model_not_found", {
        message: `The model "${model}" is not served here.`,
        param: "model",
      });
    }
    const unsupported = new AppError("unsupported_parameter", {
      message: `The engine of "${model}" does not tell its tokens.`,
      param: "model",
    });
    if (call === null || call === undefined) throw unsupported;
    try {
      const body = call.request(upstreamName, text);
      const tokens = await readJson(this.#upstream, call.path, call.answer, signal, body);
      if (tokens !== null) return tokens;
    } catch (cause) {
      signal.throwIfAborted();
      throw new AppError("upstream_failed", { cause });
    }
    throw unsupported;
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#upstream.close();
  }

  async #learn(): Promise<void> {
    const { models, logger } = this.#options;
    const named = models.map(({ upstream }) => upstream);
    const learnt = await learnEngine(this.#upstream, named, this.#stop.signal);
    const offer = makeOffer(learnt, this.#options);
    if (learnt.kind !== this.#learnt?.kind) {
      this.#readLoad = learnt.kind.load?.createReader() ?? null;
      this.#load = null;
    }
    this.#learnt = learnt;
    this.#offer = offer;
    if (offer.guessedLengths.length > 0) {
      logger.warn(
        { models: offer.guessedLengths },
        "the engine does not tell the context length; a default is registered unless --context says more",
      );
    }
  }

  /** At the start a model that is not there is a slip of the pen; later it may come back. */
  #requireChosen(): void {
    const present = new Set(this.#offer.upstreamNames.values());
    const missing = this.#options.models.find(({ upstream }) => !present.has(upstream));
    if (missing !== undefined) {
      throw new UnusableEngineError(
        `The engine at ${this.#upstream.baseUrl.origin} has no model "${missing.upstream}".`,
      );
    }
    if (present.size === 0) {
      throw new AppError("upstream_failed", { message: "The engine has no model yet." });
    }
  }

  /** The controller presents its own secret to whatever it calls; an engine with a key would refuse that. */
  async #requireOpenDoor(): Promise<void> {
    const { baseUrl } = this.#options;
    const stranger = new Upstream({ baseUrl, apiKey: "not-a-key-of-this-engine" });
    try {
      await listModels(stranger, [], this.#stop.signal);
    } catch (error) {
      if (!(error instanceof UnusableEngineError)) throw error;
      throw new UnusableEngineError(
        `--direct needs an engine that asks for no key, and ${stranger.baseUrl.origin} refuses a stranger's.`,
      );
    } finally {
      await stranger.close();
    }
  }

  async #watch(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const { healthPath = null, load = null } = this.#learnt?.kind ?? {};
      const hasMore = healthPath !== null || load !== null;
      const { probeMs = hasMore ? defaultProbeMs : slowProbeMs } = this.#options;
      const isCalm = this.#isAvailable || failures === 0;
      await this.#wait(isCalm ? probeMs : this.#backoff(failures - 1));
      if (this.#stop.signal.aborted) return;
      try {
        await this.#look();
        failures = 0;
        this.#announce(this.#offer.models.length > 0, null);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        failures = isRefused(error) ? Math.max(failures + 1, failuresUntilAway) : failures + 1;
        if (failures >= failuresUntilAway) this.#announce(false, error);
      }
    }
  }

  /** One look: is it well, which models has it, how busy is it. */
  async #look(): Promise<void> {
    const { signal } = this.#stop;
    const { models } = this.#options;
    const kind = this.#learnt?.kind;
    if (kind?.healthPath !== undefined && kind.healthPath !== null) {
      const { status } = await this.#upstream.get(kind.healthPath, signal);
      if (status >= 500)
        throw new AppError("upstream_failed", { message: `The engine's health is ${status}.` });
    }
    const named = models.map(({ upstream }) => upstream);
    const ids = (await listModels(this.#upstream, named, signal)).map(({ id }) => id);
    const before = JSON.stringify(this.#offer.models);
    const had = this.#learnt?.models.map(({ upstream }) => upstream) ?? [];
    const wanted = named.length === 0 ? ids : ids.filter((id) => named.includes(id));
    // Away and back, it may be another engine with the same models and another context.
    if (!this.#isAvailable || !isSameSet(wanted, had)) await this.#learn();
    await this.#lookAtLoad();
    if (this.#isAvailable && before !== JSON.stringify(this.#offer.models) && this.#offer.models.length > 0) {
      this.#options.logger.info(
        { models: [...this.#offer.upstreamNames.keys()] },
        "the engine's models changed",
      );
      this.#onChange();
    }
  }

  async #lookAtLoad(): Promise<void> {
    const path = this.#learnt?.kind.load?.path;
    if (path === undefined || this.#readLoad === null) return;
    const { status, text } = await this.#upstream.get(path, this.#stop.signal);
    // Metrics are off unless SGLang and llama-server are asked for them: then the worker's own requests are the load.
    this.#load = status === 200 ? this.#readLoad(text) : null;
  }

  #announce(isAvailable: boolean, cause: unknown): void {
    if (this.#isAvailable === isAvailable) return;
    this.#isAvailable = isAvailable;
    const { logger } = this.#options;
    const { origin } = this.#upstream.baseUrl;
    if (isAvailable) logger.info({ models: [...this.#offer.upstreamNames.keys()] }, `${origin} is back`);
    else {
      this.#load = null;
      logger.warn({ reason: cause === null ? "no model" : reasonOf(cause) }, `${origin} is away`);
    }
    this.#onChange();
  }

  /** A request met an engine that is unwell; whether it is away the next look decides, and that comes now. */
  #noticeUnwell(status: number | null, requestId: string): void {
    this.#options.logger.warn({ status, requestId }, "the engine failed a request");
    this.#lookSooner.abort();
  }

  #backoff(attempt: number): number {
    return backoffMs(attempt, this.#options.backoff ?? defaultBackoff, Math.random);
  }

  async #wait(ms: number): Promise<void> {
    this.#lookSooner = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, this.#lookSooner.signal]);
    if (signal.aborted) return;
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/** Nobody listens there, for certain. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}

/** For the log: never a body or a header, which might repeat the key. */
function reasonOf(error: unknown): string {
  if (isAppError(error) || error instanceof UnusableEngineError) return error.message;
  if (error instanceof Error && "code" in error) return String(error.code);
  return error instanceof Error ? error.name : "unknown";
}
