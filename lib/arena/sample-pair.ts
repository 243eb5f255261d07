import { z } from "zod";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { blindBoard, type Fitted, type LeaderboardService, overallCategory } from "@/lib/leaderboard";
import {
  adaptivePolicy,
  drawPair,
  type PairPolicy,
  POINTS_PER_BETA,
  type SamplingState,
  uniformPolicy,
} from "@/lib/rating";

/** How pairs are drawn; see `adaptivePolicy`. What `sampling_policies.options` holds. */
export const samplingOptionsSchema = z.strictObject({
  /** Share of draws that is uniform over all pairs, so that none is ever impossible. */
  floor: z.number().min(0.01).max(1).default(0.2),
  /** Share of the other draws that goes to models with few votes, while there are any. */
  newcomerShare: z.number().min(0).max(1).default(0.5),
  /** Votes from which on a model is no newcomer. */
  newcomerVotes: z.number().int().min(1).default(200),
  /** Largest share of seats that one organization may expect, unless its number of models gives it more. */
  organizationCap: z.number().min(0.01).max(1).default(0.5),
  /** Until there are so many votes a candidate, every pair has the same chance. */
  uniformBelow: z.number().min(0).default(10),
});
export type SamplingOptions = z.infer<typeof samplingOptionsSchema>;

export type PairDraw = {
  modelAId: string;
  modelBId: string;
  /** Which policy drew the pair; stored with the battle. */
  policyId: string;
  /** Probability with which the policy draws this ordered pair, in (0, 1]. */
  propensity: number;
};

export type PairSampler = {
  /**
   * Draws two models out of those that people may meet and that a healthy worker serves now, but for the excluded ones;
   * for a prompt with an image out of those that read images. Errors: `not_enough_models` with fewer than two.
   */
  draw(excluded?: ReadonlySet<string>, needs?: { readsImages: boolean }): Promise<PairDraw>;
};

export type Candidate = { id: string; organization: string | null };

/** Policies that are kept: of the newest votes, with and without models that come and go. */
const maxKept = 8;
/** A policy costs tens of milliseconds for a hundred models, so one is used for so long although votes come in. */
const renewMs = 2_000;

export function createPairSampler(deps: {
  db: Database;
  controller: Pick<Controller, "models">;
  leaderboard: Pick<LeaderboardService, "latestFit">;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Share of battles of a model against itself. */
  selfDuelRate: number;
  /** Milliseconds that only grow. */
  clock?: () => number;
}): PairSampler {
  const { db, controller, leaderboard, random, selfDuelRate, clock = () => performance.now() } = deps;
  const kept = new Map<string, { policy: PreparedPolicy; snapshotId: string | null; madeAt: number }>();

  async function policyFor(candidates: readonly Candidate[]): Promise<PreparedPolicy> {
    const [fitted, stored] = await Promise.all([
      leaderboard.latestFit({ board: blindBoard, category: overallCategory }),
      db.samplingPolicy.findFirst({ orderBy: { id: "desc" } }),
    ]);
    const name = `${stored?.id ?? 0}:${candidates.map(({ id }) => id).join()}`;
    const known = kept.get(name);
    const isNew = known?.snapshotId === fitted.snapshotId;
    if (known !== undefined && (isNew || clock() - known.madeAt < renewMs)) return known.policy;
    const options = samplingOptionsSchema.parse(stored?.options ?? {});
    const policy = preparePolicy(candidates, fitted, options, stored?.id ?? 0);
    kept.delete(name);
    kept.set(name, { policy, snapshotId: fitted.snapshotId, madeAt: clock() });
    const oldest = kept.keys().next().value;
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
    return policy;
  }

  return {
    async draw(excluded = new Set(), { readsImages } = { readsImages: false }) {
      const names = controller
        .models()
        .filter(({ capabilities }) => capabilities.includes("chat"))
        .filter(({ capabilities }) => !readsImages || capabilities.includes("vision"))
        .map((model) => model.name);
      const found = await db.model.findMany({
        where: { name: { in: names }, stage: "public" },
        select: { id: true, organization: true },
        orderBy: { id: "asc" },
      });
      const candidates = found.filter(({ id }) => !excluded.has(id));
      if (candidates.length < 2) throw new AppError("not_enough_models");
      if (selfDuelRate > 0 && random() < selfDuelRate) return drawSelf(candidates, random, selfDuelRate);
      const draw = drawFrom(await policyFor(candidates), random);
      return { ...draw, propensity: draw.propensity * (1 - selfDuelRate) };
    },
  };
}

export type PreparedPolicy = { policyId: string; modelIds: readonly string[]; policy: PairPolicy };

/** The chances of all pairs of candidates, from what the votes say. @param row of `sampling_policies`; 0 for the defaults */
export function preparePolicy(
  candidates: readonly Candidate[],
  fitted: Pick<Fitted, "modelIds" | "board" | "votes">,
  options: SamplingOptions,
  row: number,
): PreparedPolicy {
  const modelIds = [...new Set([...fitted.modelIds, ...candidates.map(({ id }) => id)])];
  const place = new Map(modelIds.map((id, at) => [id, at]));
  const organizations = [...new Set(candidates.map(({ organization }) => organization))];
  const organizationOf = new Map(candidates.map(({ id, organization }) => [id, organization]));
  const { rated } = fitted.board;
  const state: SamplingState = {
    votes: modelIds.map((_, at) => fitted.board.rows[at]?.votes ?? 0),
    candidates: candidates.map(({ id }) => place.get(id) ?? 0),
    // An organization that is not known is nobody's: each such model counts as its own.
    organization: modelIds.map((id) => {
      const organization = organizationOf.get(id) ?? null;
      return organization === null ? -1 : organizations.indexOf(organization);
    }),
    rated:
      rated === null
        ? null
        : {
            models: rated.models,
            beta: rated.fit.beta,
            covariance: {
              size: rated.scores.covariance.size,
              values: rated.scores.covariance.values.map((value) => value / POINTS_PER_BETA ** 2),
            },
          },
  };
  const isEarly = fitted.votes < options.uniformBelow * candidates.length;
  const suffix = row === 0 ? "" : `:${row}`;
  if (isEarly) return { policyId: `uniform-1${suffix}`, modelIds, policy: uniformPolicy(state) };
  const { uniformBelow: _, ...weights } = options;
  return { policyId: `adaptive-1${suffix}`, modelIds, policy: adaptivePolicy(state, weights) };
}

/** Draws an ordered pair. Takes two numbers from `random`. */
export function drawFrom({ policyId, modelIds, policy }: PreparedPolicy, random: () => number): PairDraw {
  const { a, b, probability } = drawPair(policy, random);
  return {
    modelAId: modelIds[a] as string,
    modelBId: modelIds[b] as string,
    policyId,
    propensity: probability,
  };
}

/** The database lets a battle of a model against itself pass only under this name. */
const selfPolicyId = "self-1";

function drawSelf(candidates: readonly Candidate[], random: () => number, rate: number): PairDraw {
  const { id } = candidates[Math.floor(random() * candidates.length)] as Candidate;
  return { modelAId: id, modelBId: id, policyId: selfPolicyId, propensity: rate / candidates.length };
}
