import { z } from "zod";
import type { Outcome } from "@/lib/protocol";
import { type AnomalyKind, leadingAnomaly, startVoterEvidence, updateVoterEvidence } from "@/lib/rating";
import type { BoardChances, Habit } from "./board-chances";

/**
 * Honest ways of voting, each held against the votes by an e-process of its own. The evidence against a voter is the
 * smallest of them: under whichever of them the voter votes, it is at most that one's e-process, so Ville's bound holds for
 * all of them at once (universal inference: Wasserman, Ramdas and Balakrishnan, PNAS 117 (2020) 16880). Without them honest
 * voters who are careless, strict or fond of ties would be flagged sooner or later, for differing from the board as it is.
 */
export const habits: readonly Habit[] = [
  { skill: 1, ties: 1, bothBad: 1 },
  { skill: 0.5, ties: 1, bothBad: 1 },
  { skill: 1.8, ties: 1, bothBad: 1 },
  { skill: 1, ties: 0.4, bothBad: 1 },
  { skill: 1, ties: 2.2, bothBad: 1 },
  { skill: 0.6, ties: 1.6, bothBad: 1 },
  { skill: 1.8, ties: 0.4, bothBad: 1 },
  { skill: 1, ties: 1, bothBad: 4 },
  { skill: 1, ties: 1, bothBad: 0.25 },
];

const evidenceSchema = z.object({
  votes: z.number().int(),
  logE: z.number(),
  peakLogE: z.number(),
  logWaiting: z.number(),
  logFixed: z.array(z.number()),
  logFavours: z.array(z.tuple([z.number().int(), z.number()])),
});

/** What is stored of a subject between two votes. */
export const evidenceStateSchema = z.object({
  /** Models that may be favoured: the prior is shared by so many, for the subject's whole life. */
  capacity: z.number().int().min(2),
  /** Ids of the models met; the place is the model's number. */
  models: z.array(z.string()),
  /** By `habits`. */
  byHabit: z.array(evidenceSchema).length(habits.length),
});
export type EvidenceState = z.infer<typeof evidenceStateSchema>;

export type JudgedVote = { modelAId: string; modelBId: string; outcome: Outcome };

export function startEvidence(modelCount: number): EvidenceState {
  // Room for models to come.
  const capacity = Math.max(8, Math.ceil(modelCount * 1.25));
  return { capacity, models: [], byHabit: habits.map(() => startVoterEvidence()) };
}

/**
 * Adds a vote. Unchanged where the board cannot say what was to be expected. Where more models come up than there is room
 * for, the evidence starts anew.
 *
 * @param chances of a fit of earlier votes only: see `updateVoterEvidence`
 */
export function addToEvidence(state: EvidenceState, vote: JudgedVote, chances: BoardChances): EvidenceState {
  const expected = habits.map((habit) => chances(vote.modelAId, vote.modelBId, habit));
  if (expected.includes(null)) return state;
  const models = [...state.models];
  for (const id of [vote.modelAId, vote.modelBId]) if (!models.includes(id)) models.push(id);
  if (models.length > state.capacity) return addToEvidence(startEvidence(models.length), vote, chances);
  const [a, b] = [models.indexOf(vote.modelAId), models.indexOf(vote.modelBId)];
  const byHabit = state.byHabit.map((evidence, position) => {
    const chance = expected[position];
    if (chance == null) return evidence;
    return updateVoterEvidence(
      evidence,
      state.capacity,
      { a, b, outcome: vote.outcome, chances: chance },
      test,
    );
  });
  return { ...state, models, byHabit };
}

/** Subjects with fewer votes are not looked at: whether to look must not depend on how they voted. */
export const leastSubjectVotes = 5;

/** Votes that the evidence is made of. */
export function votesSeen({ byHabit }: EvidenceState): number {
  return byHabit[0]?.votes ?? 0;
}

/** ln of the e-value: the smallest over all honest habits. */
export function logEvidence({ byHabit }: EvidenceState): number {
  return Math.min(...byHabit.map(({ logE }) => logE));
}

/** Attackers are sure of their aim and begin at once; both are priors, which cost power where they are wrong, never validity. */
const test = { honestShare: 0.05, startShare: 0.7 } as const;

/** ln of the e-value for favouring each model that was met: the smallest over all honest habits. */
export function favoursOf({ models, byHabit }: EvidenceState): Map<string, number> {
  return new Map(
    models.map((id, model) => {
      const logs = byHabit.map(({ logFavours, logWaiting }) => {
        const turned = logFavours.find(([place]) => place === model)?.[1];
        if (turned === undefined) return 0;
        const larger = Math.max(turned, logWaiting);
        return larger + Math.log(Math.exp(turned - larger) + Math.exp(logWaiting - larger));
      });
      return [id, Math.min(...logs)];
    }),
  );
}

/** What speaks loudest against a subject, for whoever reads a decision. */
export function describeEvidence(state: EvidenceState): { kind: AnomalyKind; modelId: string | null } | null {
  const logE = logEvidence(state);
  const decisive = state.byHabit.find((evidence) => evidence.logE === logE);
  const leading = decisive === undefined ? null : leadingAnomaly(decisive, state.capacity);
  if (leading === null) return null;
  return {
    kind: leading.kind,
    modelId: leading.model === null ? null : (state.models[leading.model] ?? null),
  };
}
