import { z } from "zod";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { blindBoard, type LeaderboardService, overallCategory } from "@/lib/leaderboard";
import { boardStageSchema, parseInput } from "@/lib/protocol";
import type { SamplingProjectionResult } from "@/lib/rating";
import {
  drawable,
  policyInForce,
  policyInputs,
  type SamplingOptions,
  samplingOptionsSchema,
} from "./sample-pair";

/** A change of how pairs are drawn that is not made yet. */
export const policyProposalSchema = z.strictObject({
  /** All of the proposed policy; what is left out has its default. */
  policy: samplingOptionsSchema.prefault({}),
  /** Models that would change their stage, by name: only `public` ones are drawn. */
  stages: z.record(z.string().min(1).max(256), boardStageSchema).default({}),
  /** Votes to look ahead. */
  votes: z.number().int().min(10).max(1_000_000).default(5_000),
  /** Refits on the way; each costs about 0.1 s with 130 models. */
  steps: z.number().int().min(1).max(50).default(12),
  /** False: as if every public model were served. */
  isServedOnly: z.boolean().default(true),
});
export type PolicyProposal = z.input<typeof policyProposalSchema>;

/** What a policy is expected to do to the blind board. */
export type PolicyEffect = {
  /** The board now, then after each step; half-widths are of 95 % intervals, in points. */
  points: { votes: number; rated: number; halfWidth: number | null; separated: number }[];
  models: {
    model: string;
    displayName: string;
    /** False: not public, not served, or of weight 0. */
    isDrawn: boolean;
    /** Expected further votes. */
    votes: number;
    /** Expected share of all seats, two a battle. */
    seats: number;
    /** Half-width of the model's interval at the end, points; null without a score. */
    halfWidth: number | null;
  }[];
  /** Expected further votes of every pair that may be drawn, most first; `a` and `b` are names, in no order of sides. */
  pairs: { a: string; b: string; votes: number }[];
};

export type PolicySimulation = {
  /** Votes looked ahead. */
  votes: number;
  /** Every model that has votes or would be drawn: what it has now. */
  now: { model: string; votes: number; halfWidth: number | null }[];
  /** Under the policy and stages in force; null where those draw nothing, with fewer than two models. */
  inForce: PolicyEffect | null;
  proposed: PolicyEffect;
};

export type SimulatePolicyDeps = {
  db: Database;
  controller: Pick<Controller, "models">;
  leaderboard: Pick<LeaderboardService, "latestFit" | "projectSampling">;
  /** Share of battles of a model against itself, which the board does not count. */
  selfDuelRate: number;
};

/**
 * Says what a change of sampling policy, weights or stages would bring, before it is made: the expected votes of each
 * model and pair and the width of the intervals after the next `votes`, beside the same under what is in force. An
 * expectation without random numbers (see `projectSampling` in lib/rating); changes nothing.
 *
 * @param proposal see {@link policyProposalSchema}
 * Errors: `invalid_request` for input that is none; `model_not_found` for a stage of a model that is not there;
 * `not_enough_models` where the proposal leaves fewer than two to draw; the signal's reason.
 */
export async function simulatePolicy(
  { db, controller, leaderboard, selfDuelRate }: SimulatePolicyDeps,
  proposal: PolicyProposal,
  signal: AbortSignal,
): Promise<PolicySimulation> {
  const { policy, stages, votes, steps, isServedOnly } = parseInput(policyProposalSchema, proposal);
  const [all, stored, fitted] = await Promise.all([
    db.model.findMany({
      select: { id: true, name: true, displayName: true, organization: true, stage: true },
      orderBy: { id: "asc" },
    }),
    policyInForce(db),
    leaderboard.latestFit({ board: blindBoard, category: overallCategory }),
  ]);
  const unknown = Object.keys(stages).find((name) => !all.some((model) => model.name === name));
  if (unknown !== undefined)
    throw new AppError("model_not_found", { param: `stages.${unknown}`, details: { model: unknown } });
  const served = new Set(
    controller
      .models()
      .filter((model) => model.capabilities.includes("chat"))
      .map((model) => model.name),
  );
  const nameOf = new Map(all.map((model) => [model.id, model]));

  async function effectOf(options: SamplingOptions, changes: typeof stages): Promise<Projected | null> {
    const open = all.filter(
      ({ name, stage }) =>
        (Object.hasOwn(changes, name) ? changes[name] : stage) === "public" &&
        (!isServedOnly || served.has(name)),
    );
    const candidates = drawable(open, options);
    if (candidates.length < 2) return null;
    const { modelIds, choice, settings } = policyInputs(candidates, fitted, options);
    const result = await leaderboard.projectSampling(
      {
        ...{ modelCount: modelIds.length, pairs: fitted.pairs, choice, settings, steps },
        votes: votes * (1 - selfDuelRate),
      },
      signal,
    );
    return { modelIds, drawn: new Set(candidates.map(({ id }) => id)), result };
  }

  const proposed = await effectOf(policy, stages);
  if (proposed === null) throw new AppError("not_enough_models");
  const inForce = await effectOf(stored.options, {});
  const shown = new Set([...proposed.modelIds, ...(inForce?.modelIds ?? [])]);
  const models = all.filter(({ id }) => shown.has(id));
  return {
    votes,
    now: models.map(({ id, name }) => ({
      model: name,
      votes: fitted.board.rows[fitted.modelIds.indexOf(id)]?.votes ?? 0,
      halfWidth: proposed.result.halfWidth.before[proposed.modelIds.indexOf(id)] ?? null,
    })),
    inForce: inForce === null ? null : toEffect(models, nameOf, inForce),
    proposed: toEffect(models, nameOf, proposed),
  };
}

type Projected = {
  modelIds: readonly string[];
  drawn: ReadonlySet<string>;
  result: SamplingProjectionResult;
};
type Named = { id: string; name: string; displayName: string };

function toEffect(
  models: readonly Named[],
  nameOf: ReadonlyMap<string, Named>,
  { modelIds, drawn, result }: Projected,
): PolicyEffect {
  const seats = result.votes.reduce((sum, votes) => sum + votes, 0);
  const modelAt = (at: number): string => nameOf.get(modelIds[at] ?? "")?.name ?? "";
  return {
    points: result.points,
    models: models.map(({ id, name, displayName }) => {
      const at = modelIds.indexOf(id);
      const votes = result.votes[at] ?? 0;
      return {
        ...{ model: name, displayName, isDrawn: drawn.has(id), votes },
        seats: votes / seats,
        halfWidth: result.halfWidth.after[at] ?? null,
      };
    }),
    pairs: result.pairs
      .map(({ i, j, votes }) => ({ a: modelAt(i), b: modelAt(j), votes }))
      .sort((x, y) => y.votes - x.votes),
  };
}
