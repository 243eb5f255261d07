import type { Database } from "@/lib/db";
import { fitParameters, fitVersion, type LeaderboardService, snapshotResult } from "@/lib/leaderboard";
import type { LiveDataQuery } from "@/lib/protocol";

export type LiveDataDeps = { db: Database; leaderboard: Pick<LeaderboardService, "latestFit"> };

/** A table as both formats show it. */
export type LiveTable = {
  columns: string[];
  rows: (string | number | null)[][];
  json: unknown;
  inputsHash: string;
};

/** Pair counts as they are now, by the names of the models: everything that a board is fitted from. */
export async function livePairs({ db, leaderboard }: LiveDataDeps, query: LiveDataQuery): Promise<LiveTable> {
  const { board, category } = query;
  const fitted = await leaderboard.latestFit({ board, category });
  const nameOf = await namesOf(db, fitted.modelIds);
  const pairs = fitted.pairs.map(({ i, j, winI, winJ, tie, bothBad }) => ({
    ...{ modelA: nameOf(i), modelB: nameOf(j), winA: winI, winB: winJ, tie, bothBad },
  }));
  return {
    columns: ["modelA", "modelB", "winA", "winB", "tie", "bothBad"],
    rows: pairs.map((pair) => [pair.modelA, pair.modelB, pair.winA, pair.winB, pair.tie, pair.bothBad]),
    json: {
      board,
      category,
      votes: fitted.votes,
      voters: fitted.voters,
      inputsHash: fitted.inputsHash,
      pairs,
    },
    inputsHash: fitted.inputsHash,
  };
}

/** Scores as they are now; in JSON with the lower triangle of their covariance, in points squared, row by row. */
export async function liveRatings(
  { db, leaderboard }: LiveDataDeps,
  query: LiveDataQuery,
): Promise<LiveTable> {
  const { board, category } = query;
  const fitted = await leaderboard.latestFit({ board, category });
  const nameOf = await namesOf(db, fitted.modelIds);
  const { rows, rated, covariance, converged } = snapshotResult(fitted);
  const nameById = new Map(fitted.modelIds.map((id, index) => [id, nameOf(index)]));
  const models = rows.map(({ modelId, ...row }) => ({ model: nameById.get(modelId) ?? modelId, ...row }));
  return {
    columns: ["model", "votes", "score", "lower", "upper", "rankBest", "rankWorst"],
    rows: models.map(({ model, votes, rating }) => [
      ...[model, votes, rating?.score ?? null, rating?.lower ?? null, rating?.upper ?? null],
      ...[rating?.rankBest ?? null, rating?.rankWorst ?? null],
    ]),
    json: {
      ...{ board, category, votes: fitted.votes, voters: fitted.voters, inputsHash: fitted.inputsHash },
      ...{ parameters: fitParameters, codeVersion: fitVersion, models, converged, covariance },
      rated: rated.map((id) => (id === null ? null : (nameById.get(id) ?? id))),
    },
    inputsHash: fitted.inputsHash,
  };
}

async function namesOf(db: Database, ids: readonly string[]): Promise<(index: number) => string> {
  const rows = await db.model.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });
  const byId = new Map(rows.map(({ id, name }) => [id, name]));
  return (index) => {
    const id = ids[index] ?? "";
    return byId.get(id) ?? id;
  };
}

/** RFC 4180. A cell that a spreadsheet would run as a formula is quoted with an apostrophe before it. */
export function toCsv({ columns, rows }: Pick<LiveTable, "columns" | "rows">): string {
  const cell = (value: string | number | null) => {
    if (value === null || typeof value === "number") return String(value ?? "");
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
