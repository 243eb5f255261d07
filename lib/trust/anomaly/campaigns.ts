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

/**
 * Looks for models that many subjects favour at the same time: a farm whose cookies are each too few votes to be seen alone.
 *
 * For each model, ∏_v (1 − π + π·E_v) is an e-process for “nobody favours it”, for any π: every vote moves one factor, by a
 * ratio whose mean is 1. Their mean over a grid of π is one too; a campaign is there when it exceeds (number of models)/α.
 * Only then single subjects are named, by the empirical Bayes chance of being honest, (1 − π) / (1 − π + π·E_v), at the
 * likeliest π. By Markov's inequality an honest subject reaches the bound b with a chance of at most π·b/((1 − π)·(1 − b)).
 *
 * Source: local false discovery rates as in Efron, Large-Scale Inference (2010), chapter 5, with e-values as likelihood ratios.
 */
export function findCampaigns(
  subjects: readonly Favours[],
  modelIds: readonly string[],
  { alpha, maxChanceHonest }: CampaignOptions,
): Campaign[] {
  return modelIds.flatMap((modelId): Campaign[] => {
    const met = subjects.flatMap(({ key, byModel }) => {
      const logE = byModel.get(modelId);
      return logE === undefined ? [] : [{ key, logE }];
    });
    const byShare = shares.map((share) => ({
      share,
      log: met.reduce((sum, { logE }) => sum + logMixture(share, logE), 0),
    }));
    const best = byShare.reduce((x, y) => (y.log > x.log ? y : x));
    const logE =
      best.log +
      Math.log(byShare.reduce((sum, { log }) => sum + Math.exp(log - best.log), 0) / shares.length);
    if (logE < Math.log(modelIds.length / alpha)) return [];
    const members = met
      .map((subject) => ({
        ...subject,
        chanceHonest: (1 - best.share) * Math.exp(-logMixture(best.share, subject.logE)),
      }))
      .filter(({ chanceHonest }) => chanceHonest <= maxChanceHonest)
      .sort((x, y) => y.logE - x.logE);
    return [{ modelId, logE, share: best.share, members }];
  });
}

/** ln(1 − π + π·eˣ), for any x. */
function logMixture(share: number, x: number): number {
  return x > 0 ? x + Math.log(share + (1 - share) * Math.exp(-x)) : Math.log(1 - share + share * Math.exp(x));
}
