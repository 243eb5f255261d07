/** What the votes of one subject say about favouring models: ln of an e-value, by model id. Models never met are absent. */
export type Favours = { key: string; byModel: ReadonlyMap<string, number> };

/** Votes of several subjects that together push one model up. */
export type Campaign = {
  modelId: string;
  /** ln of the e-value that nobody favours the model. */
  logE: number;
  /** Estimated share of subjects that do. */
  share: number;
  /** Those of whom it is all but certain, the strongest evidence first; may be none. */
  members: { key: string; logE: number; chanceHonest: number }[];
};

export type CampaignOptions = {
  /** Chance of seeing a campaign anywhere where there is none, however often one looks. */
  alpha: number;
  /** A member's chance of being honest is at most this. */
  maxChanceHonest: number;
};

/** Shares of subjects that may belong to a campaign. */
const shares = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4] as const;

/** Subjects looked at between two points at which the caller may do something else. */
const subjectsAtATime = 5_000;

/**
 * Looks for models that many subjects favour at the same time: a farm whose cookies are each too few votes to be seen alone.
 *
 * For each model, ∏_v (1 − π + π·E_v) is an e-process for “nobody favours it”, for any π: every vote moves one factor, by a
 * ratio whose mean is 1. Their mean over a grid of π is one too; a campaign is there when it exceeds (number of models)/α.
 * Only then single subjects are named, by the empirical Bayes chance of being honest, (1 − π) / (1 − π + π·E_v), at the
 * likeliest π. By Markov's inequality an honest subject reaches the bound b with a chance of at most π·b/((1 − π)·(1 − b)).
 *
 * The products are kept: a subject that changes moves its own factors only, so that looking again costs what has changed and not
 * all subjects anew.
 *
 * Source: local false discovery rates as in Efron, Large-Scale Inference (2010), chapter 5, with e-values as likelihood ratios.
 */
export class CampaignWatch {
  readonly #subjects = new Map<string, ReadonlyMap<string, number>>();
  /** ln of the product over all subjects for each of `shares`, by model. */
  readonly #products = new Map<string, number[]>();

  /** What is known of a subject now, in place of what was known; null: nothing any more. */
  set(key: string, byModel: ReadonlyMap<string, number> | null): void {
    this.#move(this.#subjects.get(key), -1);
    if (byModel === null) this.#subjects.delete(key);
    else this.#subjects.set(key, byModel);
    this.#move(byModel ?? undefined, 1);
  }

  #move(byModel: ReadonlyMap<string, number> | undefined, sign: 1 | -1): void {
    for (const [modelId, logE] of byModel ?? []) {
      const logs = this.#products.get(modelId) ?? shares.map(() => 0);
      this.#products.set(
        modelId,
        logs.map((log, place) => log + sign * logMixture(shares[place] ?? 0, logE)),
      );
    }
  }

  /** Yields whenever some time may have passed. */
  *find(
    modelIds: readonly string[],
    { alpha, maxChanceHonest }: CampaignOptions,
  ): Generator<void, Campaign[]> {
    const found: Campaign[] = [];
    for (const modelId of modelIds) {
      const logs = this.#products.get(modelId);
      if (logs === undefined) continue;
      const byShare = shares.map((share, place) => ({ share, log: logs[place] ?? 0 }));
      const best = byShare.reduce((x, y) => (y.log > x.log ? y : x));
      const logE =
        best.log +
        Math.log(byShare.reduce((sum, { log }) => sum + Math.exp(log - best.log), 0) / shares.length);
      if (logE < Math.log(modelIds.length / alpha)) continue;
      const members: Campaign["members"] = [];
      let looked = 0;
      for (const [key, byModel] of this.#subjects) {
        looked += 1;
        if (looked % subjectsAtATime === 0) yield;
        const own = byModel.get(modelId);
        if (own === undefined) continue;
        const chanceHonest = (1 - best.share) * Math.exp(-logMixture(best.share, own));
        if (chanceHonest <= maxChanceHonest) members.push({ key, logE: own, chanceHonest });
      }
      members.sort((x, y) => y.logE - x.logE);
      found.push({ modelId, logE, share: best.share, members });
    }
    return found;
  }
}

/** The same of subjects that are all there at once. */
export function findCampaigns(
  subjects: readonly Favours[],
  modelIds: readonly string[],
  options: CampaignOptions,
): Campaign[] {
  const watch = new CampaignWatch();
  for (const { key, byModel } of subjects) watch.set(key, byModel);
  const steps = watch.find(modelIds, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** ln(1 − π + π·eˣ), for any x. */
function logMixture(share: number, x: number): number {
  return x > 0 ? x + Math.log(share + (1 - share) * Math.exp(-x)) : Math.log(1 - share + share * Math.exp(x));
}
