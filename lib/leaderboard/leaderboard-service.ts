import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import type { BoardScore, Leaderboard, LeaderboardRow, Outcome } from "@/lib/protocol";
import type { BoardRow, Covariance } from "@/lib/rating";
import { blindBoard, overallCategory } from "./count-vote";
import { type BoardFit, fitCounts, fitParameters, fitVersion, fitWithout } from "./fit-counts";
import { storeSnapshot } from "./store-snapshot";

/** How old the totals may be before a reader asks the database whether another server has counted votes. */
const recheckMs = 1_000;

type Fitted = BoardFit & { snapshotId: string; fittedAt: Date };

export type ModelEffect = { votes: number; before: BoardScore | null; after: BoardScore | null };

export type LeaderboardService = {
  /** The newest board, with every public model, rated models first. */
  current(): Promise<Leaderboard>;
  /** Fits the board on every vote that was committed before the call. Calls at the same time share fits. */
  refit(): Promise<void>;
  /** Refits, and says what this vote, already counted, does to the scores of its two models. */
  effectOf(modelAId: string, modelBId: string, outcome: Outcome): Promise<{ a: ModelEffect; b: ModelEffect }>;
  /** Calls back with the id of each new snapshot. Returns the way out. */
  subscribe(listener: (snapshotId: string) => void): () => void;
};

export function createLeaderboard({ db, logger }: { db: Database; logger: Logger }): LeaderboardService {
  const listeners = new Set<(snapshotId: string) => void>();
  let fitted: Fitted | null = null;
  let checkedAt = 0;
  let running: Promise<Fitted> | null = null;
  let next: Promise<Fitted> | null = null;

  async function fitNow(): Promise<Fitted> {
    // Both reads see the same moment, so that counts and totals belong together.
    const [rows, totals] = await db.$transaction(
      [
        db.pairCount.findMany({ where: { board: blindBoard, category: overallCategory } }),
        db.boardTotal.findUnique({ where: { board: blindBoard } }),
      ],
      { isolationLevel: "RepeatableRead" },
    );
    const fit = fitCounts(rows, { votes: totals?.votes ?? 0, voters: totals?.voters ?? 0 });
    if (fitted?.inputsHash === fit.inputsHash) {
      checkedAt = performance.now();
      return fitted;
    }
    const snapshot = await storeSnapshot(db, {
      id: uuidv7(),
      board: blindBoard,
      category: overallCategory,
      votes: fit.votes,
      voters: fit.voters,
      inputsHash: fit.inputsHash,
      parameters: fitParameters,
      codeVersion: fitVersion,
      result: toResult(fit),
    });
    fitted = { ...fit, snapshotId: snapshot.id, fittedAt: snapshot.createdAt };
    checkedAt = performance.now();
    logger.debug({ votes: fit.votes, models: fit.modelIds.length }, "board refitted");
    for (const listener of listeners) listener(snapshot.id);
    return fitted;
  }

  /** A call during a fit cannot trust that fit to hold its vote: it shares the one that comes after. */
  function refit(): Promise<Fitted> {
    if (running === null) {
      running = fitNow().finally(() => {
        running = next;
        next = null;
      });
      return running;
    }
    const before = running;
    next ??= before.then(fitNow, fitNow).finally(() => {
      running = next;
      next = null;
    });
    return next;
  }

  async function latest(): Promise<Fitted> {
    if (fitted === null) return refit();
    if (performance.now() - checkedAt < recheckMs) return fitted;
    checkedAt = performance.now();
    const totals = await db.boardTotal.findUnique({ where: { board: blindBoard } });
    return totals !== null && totals.votes !== fitted.votes ? refit() : fitted;
  }

  return {
    async current() {
      const fit = await latest();
      const models = await db.model.findMany({ where: { stage: "public" }, orderBy: { name: "asc" } });
      const rows = models.map((model): LeaderboardRow => {
        const row = fit.board.rows[fit.modelIds.indexOf(model.id)];
        return {
          model: model.name,
          displayName: model.displayName,
          organization: model.organization,
          licence: model.licence,
          contextLength: model.contextLength,
          elo: model.elo,
          votes: row?.votes ?? 0,
          winRate: row?.winRate ?? null,
          rating: toRating(row),
          unratedReason: row === undefined ? "no_votes" : row.unratedReason,
        };
      });
      rows.sort(
        (x, y) => (y.rating?.score ?? -Infinity) - (x.rating?.score ?? -Infinity) || y.votes - x.votes,
      );
      return {
        snapshotId: fit.snapshotId,
        fittedAt: fit.fittedAt.toISOString(),
        votes: fit.votes,
        voters: fit.voters,
        rows,
      };
    },
    async refit() {
      await refit();
    },
    async effectOf(modelAId, modelBId, outcome) {
      const after = await refit();
      const before = fitWithout(after, modelAId, modelBId, outcome);
      const effect = (modelId: string): ModelEffect => {
        const position = after.modelIds.indexOf(modelId);
        const row = after.board.rows[position];
        return {
          votes: row?.votes ?? 0,
          before: toBoardScore(before.rows[position]),
          after: toBoardScore(row),
        };
      };
      return { a: effect(modelAId), b: effect(modelBId) };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function toBoardScore(row: BoardRow | undefined): BoardScore | null {
  if (row === undefined || row.rating === null) return null;
  const { score, lower, upper, rankBest, rankWorst } = row.rating;
  return { score, lower, upper, rankBest, rankWorst };
}

function toRating(row: BoardRow | undefined): LeaderboardRow["rating"] {
  const score = toBoardScore(row);
  if (score === null || row === undefined || row.rating === null) return null;
  return { ...score, tier: row.rating.tier, isPreliminary: row.rating.isPreliminary };
}

/** What a snapshot keeps: each model's row, and the lower triangle of the rated models' covariance, row by row. */
function toResult(fit: BoardFit): Prisma.InputJsonObject {
  const rated = fit.board.rated;
  return {
    rows: fit.board.rows.map(({ model, ...row }) => ({ modelId: fit.modelIds[model] ?? null, ...row })),
    rated: rated === null ? [] : Array.from(rated.models, (model) => fit.modelIds[model] ?? null),
    covariance: rated === null ? [] : lowerTriangle(rated.scores.covariance),
    converged: fit.board.converged,
  };
}

function lowerTriangle({ size, values }: Covariance): number[] {
  const triangle: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) triangle.push(values[row * size + column] as number);
  }
  return triangle;
}
