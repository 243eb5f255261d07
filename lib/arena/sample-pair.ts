import { z } from "zod";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { blindBoard, type Fitted, type LeaderboardService, overallCategory } from "@/lib/leaderboard";
import { adaptivePolicy, drawPair, type PairPolicy, POINTS_PER_BETA } from "@/lib/rating";

/** Below a hundredth it would be 0 in all but name. */
const weightSchema = z
  .number()
  .max(100)
  .refine((weight) => weight === 0 || weight >= 0.01, "0, or 0.01 to 100");

/** How pairs are drawn; see `adaptivePolicy`. What `sampling_policies.options` holds. */
export const samplingOptionsSchema = z.strictObject({
  /** Share of draws that is blind to the votes, so that no pair is ever impossible. */
  floor: z.number().min(0.01).max(1).default(0.2),
  /** Share of the other draws that goes to models with few votes, while there are any. */
  newcomerShare: z.number().min(0).max(1).default(0.5),
  /** Votes from which on a model is no newcomer. */
  newcomerVotes: z.number().int().min(1).default(200),
  /** Largest share of seats that one organization may expect, unless its number of models gives it more. */
  organizationCap: z.number().min(0.01).max(1).default(0.5),
  /** Until there are so many votes a candidate, the weights alone decide. */
  uniformBelow: z.number().min(0).default(10),
  /** How readily each model is drawn, by its name: a factor on all its pairs. 0: not at all; not named: 1. */
  weights: z.record(z.string().min(1).max(256), weightSchema).default({}),
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

export type Candidate = { id: string; name: string; organization: string | null };

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

  async function policyFor(candidates: readonly Candidate[], stored: StoredPolicy): Promise<PreparedPolicy> {
    const fitted = await leaderboard.latestFit({ board: blindBoard, category: overallCategory });
    const name = `${stored.id}:${candidates.map(({ id }) => id).join()}`;
    const known = kept.get(name);
    const isNew = known?.snapshotId === fitted.snapshotId;
    if (known !== undefined && (isNew || clock() - known.madeAt < renewMs)) return known.policy;
    const policy = preparePolicy(candidates, fitted, stored.options, stored.id);
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
      const [found, stored] = await Promise.all([
        db.model.findMany({
          where: { name: { in: names }, stage: "public" },
          select: { id: true, name: true, organization: true },
          orderBy: { id: "asc" },
        }),
        policyInForce(db),
      ]);
      const candidates = drawable(found, stored.options).filter(({ id }) => !excluded.has(id));
      if (candidates.length < 2) throw new AppError("not_enough_models");
      if (selfDuelRate > 0 && random() < selfDuelRate) return drawSelf(candidates, random, selfDuelRate);
      const draw = drawFrom(await policyFor(candidates, stored), random);
      return { ...draw, propensity: draw.propensity * (1 - selfDuelRate) };
    },
  };
}

type StoredPolicy = { id: number; options: SamplingOptions };

/** The newest row of `sampling_policies`; without one, 0 and the defaults. */
export async function policyInForce(db: Database): Promise<StoredPolicy> {
  const stored = await db.samplingPolicy.findFirst({ orderBy: { id: "desc" } });
  return { id: stored?.id ?? 0, options: samplingOptionsSchema.parse(stored?.options ?? {}) };
}

/** Those that the weights let through. */
export function drawable<C extends Pick<Candidate, "name">>(
  candidates: readonly C[],
  { weights }: SamplingOptions,
): C[] {
  return candidates.filter(({ name }) => weightOf(weights, name) > 0);
}

function weightOf(weights: SamplingOptions["weights"], name: string): number {
  // Names come from workers: one may be called like a property that every object has.
  return Object.hasOwn(weights, name) ? (weights[name] ?? 1) : 1;
}

export type PreparedPolicy = { policyId: string; modelIds: readonly string[]; policy: PairPolicy };

/** The chances of all pairs of candidates, from what the votes say. @param row of `sampling_policies`; 0 for the defaults */
export function preparePolicy(
  candidates: readonly Candidate[],
  fitted: Pick<Fitted, "modelIds" | "board" | "votes">,
  options: SamplingOptions,
  row: number,
): PreparedPolicy {
  const { modelIds, choice, settings } = policyInputs(candidates, fitted, options);
  const { rated } = fitted.board;
  const policy = adaptivePolicy(
    {
      ...choice,
      votes: modelIds.map((_, at) => fitted.board.rows[at]?.votes ?? 0),
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
    },
    settings,
  );
  const name = policy.kind === "base" ? "uniform-1" : "adaptive-1";
  return { policyId: row === 0 ? name : `${name}:${row}`, modelIds, policy };
}

/** Candidates and options as `lib/rating` takes them: by numbers, those of the fitted models first. */
export function policyInputs(
  candidates: readonly Candidate[],
  fitted: Pick<Fitted, "modelIds">,
  { weights, ...settings }: SamplingOptions,
) {
  const modelIds = [...new Set([...fitted.modelIds, ...candidates.map(({ id }) => id)])];
  const place = new Map(modelIds.map((id, at) => [id, at]));
  const organizations = [...new Set(candidates.map(({ organization }) => organization))];
  const candidateOf = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const choice = {
    candidates: candidates.map(({ id }) => place.get(id) ?? 0),
    // An organization that is not known is nobody's: each such model counts as its own.
    organization: modelIds.map((id) => {
      const organization = candidateOf.get(id)?.organization ?? null;
      return organization === null ? -1 : organizations.indexOf(organization);
    }),
    weights: modelIds.map((id) => weightOf(weights, candidateOf.get(id)?.name ?? "")),
  };
  return { modelIds, choice, settings };
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
