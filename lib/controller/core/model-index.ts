import { type Claim, defaultModelSettings, type ModelSettings, type Refusal } from "./types";
import type { WorkerState } from "./worker";

/** One model name: who offers it, what the operator has set, and how many requests of this process are with workers. */
export type ModelState = {
  readonly name: string;
  workers: readonly WorkerState[];
  settings: ModelSettings;
  outstanding: number;
  /** Of these, for people. */
  people: number;
  /** Of the places that the limit allows, this server's. Without a limit it means nothing. */
  share: number;
};

/** Models by name. A name that has been offered or set stays, so that counts and settings outlive a restart of workers. */
export class ModelIndex {
  readonly #models = new Map<string, ModelState>();
  readonly #firstShare: number;

  /** `firstShare`: this server's places of a model's limit before it has been given any. */
  constructor(firstShare: number) {
    this.#firstShare = firstShare;
  }

  get(name: string): ModelState | undefined {
    return this.#models.get(name);
  }

  add(worker: WorkerState): void {
    for (const name of new Set(worker.record.models.map((model) => model.name))) {
      const model = this.#ensure(name);
      model.workers = [...model.workers, worker];
    }
  }

  remove(worker: WorkerState): void {
    for (const { name } of worker.record.models) {
      const model = this.#models.get(name);
      if (model !== undefined) model.workers = model.workers.filter((other) => other !== worker);
    }
  }

  /** Takes over the operator's settings. A model that is not in the map has the defaults. */
  applySettings(settings: ReadonlyMap<string, ModelSettings>): void {
    for (const model of this.#models.values()) {
      model.settings = settings.get(model.name) ?? defaultModelSettings;
    }
    for (const [name, value] of settings) this.#ensure(name).settings = value;
  }

  limited(): ModelState[] {
    return [...this.#models.values()].filter(({ settings }) => settings.maxConcurrent !== null);
  }

  setShare(name: string, share: number): void {
    const model = this.#models.get(name);
    if (model !== undefined) model.share = share;
  }

  /** True where another server is waiting for the place that was given back. */
  countRelease({ model: name, isForPerson }: Claim): boolean {
    const model = this.#models.get(name);
    if (model === undefined) return false;
    model.outstanding -= 1;
    if (isForPerson) model.people -= 1;
    return model.settings.maxConcurrent !== null && model.outstanding >= model.share;
  }

  #ensure(name: string): ModelState {
    const known = this.#models.get(name);
    if (known !== undefined) return known;
    const made: ModelState = {
      name,
      workers: [],
      settings: defaultModelSettings,
      outstanding: 0,
      people: 0,
      share: this.#firstShare,
    };
    this.#models.set(name, made);
    return made;
  }
}

/** Whether the model exists for a request, by its stage. */
export function isOpenTo(model: ModelState, allowExperimental: boolean): boolean {
  const { stage } = model.settings;
  return stage === "public" || (stage === "experimental" && allowExperimental);
}

/** Why nobody takes a request of these pools while none of their workers is healthy: is there one at all that offers the model? */
export function absenceOf({ workers }: ModelState, pools: readonly string[] | undefined): Refusal {
  const isOffered = pools === undefined || workers.some(({ record }) => pools.includes(record.pool));
  return isOffered ? "none_healthy" : "unknown_model";
}

export function isAtLimit({ outstanding, settings, share }: ModelState): boolean {
  return settings.maxConcurrent !== null && outstanding >= Math.min(settings.maxConcurrent, share);
}
