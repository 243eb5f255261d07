import type { Logger } from "pino";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import {
  type BoardCalibration,
  type BoardEvent,
  type BoardHistory,
  type BoardName,
  type BoardQuery,
  type BoardScore,
  boardQuerySchema,
  type HeadToHead,
  type HeadToHeadQuery,
  type HistoryQuery,
  type Leaderboard,
  type ModelCard,
  type Outcome,
} from "@/lib/protocol";
import type { Board, BoardRow, SamplingProjectionResult } from "@/lib/rating";
import { createBackgroundWork } from "./background-work";
import { type BoardKey, createBoardFits, type Fitted } from "./board-fits";
import { type BoardState, createBoardState, type ModelFacts, revisionOf } from "./board-state";
import { createBoardSubscribers } from "./board-subscribers";
import { type ShownFit, toBoardPairs, toFacts, toFittedRows, toLeaderboard } from "./board-view";
import { type Calibration, calibrationFolds, noCalibration } from "./calibrate";
import { overallCategory } from "./count-vote";
import { createEditions } from "./editions";
import { fitAs, fitCounts, fitVersion, fitWithout, tieModelOf } from "./fit-counts";
import { headToHeadRecord } from "./head-to-head";
import { createKeptAnswers, type KeptAnswer, prepareAnswer } from "./kept-answers";
import { createKeptWork } from "./kept-work";
import { toModelCard } from "./model-card";
import type { ProjectionJob } from "./project-sampling";
import { readEarlierCounts } from "./read-counts";
import { createHistoryReader, scorePoint } from "./read-history";
import { createSharedFits } from "./shared-fits";
import { createStyleFits } from "./style-fits";
import { createVoteFiles, type VoteFileParts } from "./vote-files";

/** Earlier counts that are kept; each has some hundred kilobytes. */
const maxEarlierPairs = 64;

export type ModelEffect = { votes: number; before: BoardScore | null; after: BoardScore | null };

export type PublishedVotes = VoteFileParts & { edition: string };

export type Earlier = {
  /** As it was named when it was published. */
  edition: string;
  /** Asked before anything is computed that is not kept; its error is passed on. */
  admit: () => Promise<void>;
};

export type LeaderboardService = {
  /** A board, serialized once for each fit, with its ETag. */
  answer(query: BoardQuery): Promise<KeptAnswer>;
  /** The same as data; without a query the overall board of blind battles. */
  current(query?: BoardQuery): Promise<Leaderboard>;
  /** Pair counts, as {@link boardPairsSchema} of the protocol has them, serialized once for each fit. */
  pairs(key: BoardKey): Promise<KeptAnswer>;
  /** The same as it was published before. Errors: `not_found` for what was not. */
  earlierPairs(key: BoardKey, earlier: Earlier): Promise<KeptAnswer>;
  /** The board's votes by column, at most `styleRefreshMs` old: see `lib/fork`. */
  votes(board: BoardName): Promise<PublishedVotes>;
  /** The same as it was published before. Errors: as `earlierPairs`. */
  earlierVotes(board: BoardName, earlier: Earlier): Promise<PublishedVotes>;
  /** Errors: `model_not_found`. */
  history(query: HistoryQuery): Promise<BoardHistory>;
  calibration(key: BoardKey): Promise<BoardCalibration>;
  /** Errors: `model_not_found`; `invalid_request` for one model twice. */
  headToHead(query: HeadToHeadQuery): Promise<HeadToHead>;
  /** Errors: `model_not_found`, also for a model that is not public or retired. */
  modelCard(name: string, board: BoardName, isServed: boolean): Promise<ModelCard>;
  /** Another value whenever anything may have changed that a board without style control shows; the same one until then. */
  version(): Promise<unknown>;
  /** The newest fit itself, for those who decide by it: see `samplePair`. */
  latestFit(key: BoardKey): Promise<Fitted>;
  /** What the next votes would do under a policy of drawing pairs. In a thread. Errors: the signal's reason; `RatingError`. */
  projectSampling(projection: ProjectionJob, signal: AbortSignal): Promise<SamplingProjectionResult>;
  /** Refits, and says what this vote, already counted, does to the scores of its two models. */
  effectOf(vote: {
    board: BoardName;
    modelAId: string;
    modelBId: string;
    outcome: Outcome;
  }): Promise<{ a: ModelEffect; b: ModelEffect }>;
  /** Calls back for each new fit of a board, whichever server counted the votes. Returns the way out. */
  subscribe(key: BoardKey, listener: (event: BoardEvent) => void): () => void;
  /** Resolves when the fits so far are in the database: they are written behind the readers' backs. */
  stored(): Promise<void>;
  close(): Promise<void>;
};

export type LeaderboardDeps = {
  db: Database;
  /** For the thread that reads votes one by one. */
  databaseUrl: string;
  logger: Logger;
  /** Shortest time between two fits of a board with style control, and between two files of its votes. */
  styleRefreshMs: number;
  /** Keys the pseudonyms of published votes; the same in all servers of a site. */
  secret: string;
};

export function createLeaderboard(deps: LeaderboardDeps): LeaderboardService {
  const { db, logger } = deps;
  const state = createBoardState({ db, logger });
  const work = createBackgroundWork({ databaseUrl: deps.databaseUrl, secret: deps.secret });
  const fits = createBoardFits({
    ...{ db, logger, state },
    shared: createSharedFits({ db, databaseUrl: deps.databaseUrl, logger }),
    onFit: ({ key, snapshotId }) => {
      if (snapshotId !== null) subscribers.announce({ ...key, snapshotId });
    },
  });
  const subscribers = createBoardSubscribers({
    ...{ databaseUrl: deps.databaseUrl, logger, onChange: () => state.expire() },
    check: (key) => fits.latest(key),
  });
  const styles = createStyleFits({
    ...{ db, logger, work, refreshMs: deps.styleRefreshMs },
    onFit: (key, snapshotId) => subscribers.announce({ ...key, snapshotId }),
  });
  const histories = createHistoryReader(db);
  const answers = createKeptAnswers();
  const files = createVoteFiles(work, deps.styleRefreshMs);
  const editions = createEditions(deps.secret);
  const earlierPairs = createKeptWork<KeptAnswer>(maxEarlierPairs);
  /** Other fits of the same counts, as long as those are the newest. */
  const variants = new WeakMap<Fitted["pairs"], Map<string, Board>>();
  const calibrations = new WeakMap<Fitted["pairs"], Promise<Calibration>>();

  /** Until there is one, the scores of the counts, which say that they are not ready. */
  async function styledFit(query: BoardQuery, seen: BoardState): Promise<ShownFit> {
    const styled = await styles.latest(keyOf(query), revisionOf(seen, query.board, query.category));
    if (styled.isReady) return styled;
    return { ...(await countedFit({ ...query, style: false })), isReady: false };
  }

  async function countedFit(query: BoardQuery): Promise<ShownFit> {
    const key = keyOf(query);
    const fitted = await fits.latest(key);
    const isDefault = query.ties === "half" && query.weights === "votes";
    const board = isDefault ? fitted.board : variantOf(fitted, query);
    return {
      rows: toFittedRows(board, fitted.modelIds),
      ties: tieModelOf(board),
      snapshotId: isDefault ? fitted.snapshotId : null,
      fittedAt: fitted.fittedAt,
      ...{ inputsHash: fitted.inputsHash, codeVersion: fitVersion },
      ...{ votes: fitted.votes, voters: fitted.voters },
      ...{ isReady: true, converged: board.converged, styleEffects: [] },
    };
  }

  function variantOf(fitted: Fitted, { ties, weights }: BoardQuery): Board {
    const known = variants.get(fitted.pairs) ?? new Map<string, Board>();
    variants.set(fitted.pairs, known);
    const name = `${ties}/${weights}`;
    const board = known.get(name) ?? fitAs(fitted, { ties, weights });
    known.set(name, board);
    return board;
  }

  async function modelNamed(name: string): Promise<ModelFacts> {
    const { models } = await state.current();
    const found = models.find((model) => model.name === name && model.stage !== "experimental");
    if (found === undefined) throw new AppError("model_not_found", { param: "model" });
    return found;
  }

  const votesEdition = (board: BoardName, revision: number) =>
    editions.name({ what: "votes", key: { board, category: overallCategory }, revision });

  function namesOf({ key, revision, boardRevision }: NamedCounts) {
    return {
      codeVersion: fitVersion,
      edition: editions.name({ what: "pairs", key, revision }),
      votesEdition: boardRevision === null ? null : votesEdition(key.board, boardRevision),
    };
  }

  /** The fits of every category of a board that has votes, overall first. */
  async function fitsOf(board: BoardName): Promise<Fitted[]> {
    const found: Fitted[] = [];
    const totals = (await state.current()).totals[board] ?? [];
    for (const { category } of totals) found.push(await fits.latest({ board, category }));
    return found;
  }

  return {
    async current(query = boardQuerySchema.parse({})) {
      const seen = await state.current();
      const fit = query.style ? await styledFit(query, seen) : await countedFit(query);
      return toLeaderboard(seen, fit, query);
    },

    async answer(query) {
      const seen = await state.current();
      const name = JSON.stringify(query);
      // A board with style control may be replaced while nothing else changes.
      const style = query.style ? await styledFit(query, seen) : null;
      const known = answers.get(name, seen, style);
      if (known !== null) return known;
      return answers.keep(name, seen, style, toLeaderboard(seen, style ?? (await countedFit(query)), query));
    },

    async pairs(key) {
      const [seen, fitted] = [await state.current(), await fits.latest(key)];
      const name = `pairs ${key.board}/${key.category}`;
      return (
        answers.get(name, seen, fitted) ??
        answers.keep(name, seen, fitted, toBoardPairs(seen, fitted, namesOf(fitted)))
      );
    },

    async earlierPairs(key, { edition, admit }) {
      const revision = editions.revisionOf(edition, { what: "pairs", key });
      return earlierPairs(`${key.board}/${key.category} ${revision}`, async () => {
        await admit();
        const { rows, votes, countedAt } = await readEarlierCounts(db, key, revision);
        const fit = fitCounts(rows, { votes, voters: 0 });
        const fitted = { ...fit, key, snapshotId: null, fittedAt: countedAt };
        const boardRevision = key.category === overallCategory ? revision : null;
        return prepareAnswer(
          toBoardPairs(await state.current(), fitted, namesOf({ key, revision, boardRevision })),
        );
      });
    },

    async earlierVotes(board, { edition, admit }) {
      const key = { board, category: overallCategory };
      const revision = editions.revisionOf(edition, { what: "votes", key });
      return { ...(await files.asOf(board, revision, admit)), edition };
    },

    async votes(board) {
      const file = await files.latest(board, revisionOf(await state.current(), board, overallCategory));
      return { ...file, edition: votesEdition(board, file.revision) };
    },

    async history({ board, category, models: names, since }) {
      const { models } = await state.current();
      const chosen =
        names === undefined
          ? models.filter((model) => model.stage === "public")
          : await Promise.all(names.split(",").map((name) => modelNamed(name.trim())));
      const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
      const points = (await histories.read({ board, category })).filter(({ at }) => at.getTime() >= from);
      return {
        ...{ board, category },
        models: chosen.map(({ name, displayName }) => ({ model: name, displayName })),
        points: points.map(({ at, votes, scores }) => ({
          at: at.toISOString(),
          votes,
          scores: chosen.map((model) => scorePoint(scores, model.id)),
        })),
      };
    },

    async calibration(key) {
      const fitted = await fits.latest(key);
      const { modelIds, pairs, snapshotId } = fitted;
      if (pairs.length === 0)
        return { ...key, snapshotId, folds: calibrationFolds, chance: Math.LN2, ...noCalibration };
      let running = calibrations.get(pairs);
      if (running === undefined) {
        running = work.run({ kind: "calibration", modelCount: modelIds.length, pairs });
        calibrations.set(pairs, running);
        // A failure must not be remembered as the answer.
        running.catch(() => calibrations.delete(pairs));
      }
      return { ...key, snapshotId, folds: calibrationFolds, chance: Math.LN2, ...(await running) };
    },

    async headToHead({ board, a: nameA, b: nameB }) {
      const [a, b] = [await modelNamed(nameA), await modelNamed(nameB)];
      if (a.id === b.id) {
        throw new AppError("invalid_request", { param: "b", message: "Name two different models." });
      }
      const overall = headToHeadRecord(await fits.latest({ board, category: overallCategory }), a.id, b.id);
      const others = (await fitsOf(board)).filter(
        ({ key, modelIds }) =>
          key.category !== overallCategory && (modelIds.includes(a.id) || modelIds.includes(b.id)),
      );
      const categories = others
        .map((fitted) => headToHeadRecord(fitted, a.id, b.id))
        .sort((x, y) => y.direct.votes - x.direct.votes);
      return { board, a: toFacts(a), b: toFacts(b), overall, categories };
    },

    async modelCard(name, board, isServed) {
      const model = await modelNamed(name);
      const all = await fitsOf(board);
      const history = await histories.read({ board, category: overallCategory });
      return toModelCard({ state: await state.current(), model, board, isServed, fits: all, history });
    },

    version: () => state.current(),

    latestFit: (key) => fits.latest(key),

    projectSampling: (projection, signal) => work.run({ kind: "sampling", projection }, signal),

    async effectOf({ board, modelAId, modelBId, outcome }) {
      const after = await fits.refit({ board, category: overallCategory });
      state.expire();
      subscribers.recheck(board);
      // A model against itself is counted apart: its board has not moved.
      const before = modelAId === modelBId ? after.board : fitWithout(after, modelAId, modelBId, outcome);
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

    subscribe: (key, listener) => subscribers.add(key, listener),

    stored: () => fits.stored(),

    async close() {
      await subscribers.close();
      await work.close();
      await fits.close();
    },
  };
}

type NamedCounts = { key: BoardKey; revision: number; boardRevision: number | null };

function keyOf({ board, category }: BoardQuery): BoardKey {
  return { board, category };
}

function toBoardScore(row: BoardRow | undefined): BoardScore | null {
  if (row === undefined || row.rating === null) return null;
  const { score, lower, upper, rankBest, rankWorst } = row.rating;
  return { score, lower, upper, rankBest, rankWorst };
}
