import { covariatesOf, isUndetermined, selectRows } from "@/lib/fork";
import type { StyleEffect } from "@/lib/protocol";
import { fitStyleBoard, RatingError } from "@/lib/rating";
import type { BoardKey } from "./board-fits";
import type { FittedRow } from "./board-view";
import { readVotes } from "./read-votes";

/** Raised when a change of the code may change a fit of the same votes. */
export const styleFitVersion = "style-2";

export const styleParameters = {
  model: "bradley-terry",
  ties: "half",
  meanScore: 1000,
  covariates: ["tokens", "headers", "bold", "lists", "position"],
  interval: "sandwich-95-by-voter",
} as const;

export type StyleFitResult = {
  rows: FittedRow[];
  effects: StyleEffect[];
  votes: number;
  voters: number;
  /** SHA-256 of the votes by column, as they are published. */
  inputsHash: string;
  converged: boolean;
};

/**
 * Reads every vote that counts of a board and category with the style of its answers, and fits the board with style and side held
 * equal, by the code and from the numbers with which a reader's browser does the same. Takes seconds for millions of
 * votes, so it runs in a thread of its own: see `background-work`. Null where the votes do not determine it. Errors:
 * those of the database; `RatingError` for what is no vote data; the signal's reason.
 */
export async function fitStyle(
  databaseUrl: string,
  secret: string,
  key: BoardKey,
  signal: AbortSignal,
): Promise<StyleFitResult | null> {
  const { votes, modelIds, sha256 } = await readVotes(databaseUrl, secret, key, signal);
  if (votes.size === 0) return null;
  const modelCount = votes.models.length;
  const rows = selectRows(votes, "overall", {
    ...{ modelCount, place: votes.models.map((_, at) => at), isKept: () => true },
  });
  const covariates = covariatesOf(rows, styleParameters.covariates, []);
  try {
    const board = fitStyleBoard(rows, covariates, { voters: rows.voter });
    return {
      rows: board.rows.map(({ model, ...row }) => ({ modelId: modelIds[model] ?? "", ...row })),
      effects: board.effects.map(({ name, gamma, lower, upper }) => ({
        ...{ name: name as StyleEffect["name"], gamma, lower, upper },
      })),
      ...{ votes: votes.size, voters: votes.voters, inputsHash: sha256, converged: board.converged },
    };
  } catch (error) {
    if (error instanceof RatingError && isUndetermined(error)) return null;
    throw error;
  }
}
