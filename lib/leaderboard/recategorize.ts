import { categoryRules, countStyle, styleRules } from "@/lib/categories";
import type { Database, Prisma } from "@/lib/db";
import { boardNameSchema } from "@/lib/protocol";
import { blindBoard, selfBoard } from "./count-vote";
import { toVoteCategory } from "./vote-facts";

/** Votes that are read and written at a time. */
const batchSize = 200;

export type RecategorizeOptions = {
  /** Also votes that have been put into categories by the rules of today. Default false. */
  all?: boolean;
  /** Called after each batch with the votes done so far. */
  onProgress?: (done: number) => void;
  /** Stops between two batches; what is done stays, and the next call goes on from there. */
  signal?: AbortSignal;
};

/**
 * Brings the categories and styles of stored votes to the rules of today, and moves their counts in the same transactions:
 * at no moment do counts and categories disagree. May run beside a site that takes votes, may be interrupted, and may be
 * run twice at once. A vote that is excluded gets its categories and goes on not counting. A vote whose texts were removed keeps the categories that it had. Returns the number of votes done.
 */
export async function recategorize(db: Database, options: RecategorizeOptions = {}): Promise<number> {
  const { all = false, onProgress, signal } = options;
  let done = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    signal?.throwIfAborted();
    const ids = await db.$queryRaw<{ id: string }[]>`
      SELECT votes.id FROM votes JOIN battles ON battles.id = battle_id
        LEFT JOIN vote_categories ON vote_id = votes.id
      WHERE text_deleted_at IS NULL AND votes.id > ${after}::uuid AND (${all} OR rules_version IS DISTINCT FROM ${categoryRules})
      ORDER BY votes.id LIMIT ${batchSize}`;
    const last = ids.at(-1);
    if (last === undefined) return done;
    const voteIds = ids.map(({ id }) => id);
    const read = await readVotes(db, voteIds);
    await db.$transaction((tx) => store(tx, read), { maxWait: 30_000, timeout: 120_000 });
    after = last.id;
    done += ids.length;
    onProgress?.(done);
  }
}

type ReadVotes = Awaited<ReturnType<typeof readVotes>>;

/** The text of a battle does not change after its vote, so it is read and judged before anything is locked. */
async function readVotes(db: Database, voteIds: readonly string[]) {
  const votes = await db.vote.findMany({
    where: { id: { in: [...voteIds] }, battle: { textDeletedAt: null } },
    orderBy: { id: "asc" },
    include: {
      categories: { select: { board: true } },
      battle: {
        include: {
          turns: {
            where: { supersededAt: null },
            orderBy: { ordinal: "asc" },
            include: { responses: { orderBy: { attempt: "desc" } } },
          },
        },
      },
    },
  });
  return votes.map(({ id: voteId, outcome, battle, categories }) => {
    const { modelAId, modelBId } = battle;
    const turns = battle.turns.map(({ prompt, responses }) => {
      const shown = (side: "a" | "b") => responses.find((response) => response.side === side)?.text ?? "";
      return { prompt, a: shown("a"), b: shown("b") };
    });
    // A vote from before there were categories was cast on the only board there was.
    const board = boardNameSchema.catch(blindBoard).parse(categories?.board);
    const facts = toVoteCategory({ voteId, board, outcome, modelAId, modelBId, turns });
    const styles = battle.turns.flatMap(({ responses }) =>
      responses.map(({ id, text }) => ({ id, ...countStyle(text) })),
    );
    return { facts, styles, modelAId, modelBId };
  });
}

async function store(tx: Prisma.TransactionClient, votes: ReadVotes): Promise<void> {
  const facts = JSON.stringify(votes.map((vote) => vote.facts));
  const styles = JSON.stringify(votes.flatMap((vote) => vote.styles));
  const models = [...new Set(votes.flatMap((vote) => [vote.modelAId, vote.modelBId]))];
  const voteIds = votes.map((vote) => vote.facts.voteId);
  // Models before counts, in the order of ids, as a vote locks them; then nobody waits in a ring.
  await tx.$executeRaw`SELECT 1 FROM models WHERE id = ANY (${models}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
  await tx.$executeRaw`SELECT 1 FROM votes WHERE id = ANY (${voteIds}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
  await tx.$executeRaw`
    CREATE TEMPORARY TABLE moved_counts ON COMMIT DROP AS
    SELECT facts.board, category, model_a_id, model_b_id, outcome, sum(change)::int AS change
    FROM jsonb_to_recordset(${facts}::jsonb) AS facts ("voteId" uuid, board text, categories text[])
      JOIN votes ON votes.id = facts."voteId"
      JOIN battles ON battles.id = battle_id
      LEFT JOIN vote_categories AS old ON old.vote_id = votes.id
      CROSS JOIN LATERAL (
        SELECT unnest(old.categories) AS category, -1 AS change
        UNION ALL SELECT unnest(facts.categories), 1
      ) AS changes
    WHERE facts.board <> ${selfBoard}
      AND NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id)
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(change) <> 0`;
  await tx.$executeRaw`
    INSERT INTO pair_counts AS counts (board, category, low_id, high_id)
    SELECT DISTINCT board, category, LEAST(model_a_id, model_b_id), GREATEST(model_a_id, model_b_id)
    FROM moved_counts ORDER BY 1, 2, 3, 4
    ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`
    UPDATE pair_counts SET win_low = win_low + low, win_high = win_high + high, tie = tie + even,
      both_bad = both_bad + bad
    FROM (
      SELECT board, category, LEAST(model_a_id, model_b_id) AS low_model, GREATEST(model_a_id, model_b_id) AS high_model,
        COALESCE(sum(change) FILTER (
          WHERE outcome = CASE WHEN model_a_id < model_b_id THEN 'a' ELSE 'b' END::outcome), 0) AS low,
        COALESCE(sum(change) FILTER (
          WHERE outcome = CASE WHEN model_a_id < model_b_id THEN 'b' ELSE 'a' END::outcome), 0) AS high,
        COALESCE(sum(change) FILTER (WHERE outcome = 'tie'), 0) AS even,
        COALESCE(sum(change) FILTER (WHERE outcome = 'both_bad'), 0) AS bad
      FROM moved_counts GROUP BY 1, 2, 3, 4
    ) AS moved
    WHERE pair_counts.board = moved.board AND pair_counts.category = moved.category
      AND low_id = low_model AND high_id = high_model`;
  await tx.$executeRaw`
    INSERT INTO vote_categories (vote_id, board, rules_version, language, categories, tokens_a, tokens_b, headers_a,
      headers_b, bold_a, bold_b, lists_a, lists_b)
    SELECT "voteId", board, "rulesVersion", language, categories, "tokensA", "tokensB", "headersA", "headersB",
      "boldA", "boldB", "listsA", "listsB"
    FROM jsonb_to_recordset(${facts}::jsonb) AS facts ("voteId" uuid, board text, "rulesVersion" int, language text,
      categories text[], "tokensA" int, "tokensB" int, "headersA" int, "headersB" int, "boldA" int, "boldB" int,
      "listsA" int, "listsB" int)
    ON CONFLICT (vote_id) DO UPDATE SET rules_version = excluded.rules_version, language = excluded.language,
      categories = excluded.categories, tokens_a = excluded.tokens_a, tokens_b = excluded.tokens_b,
      headers_a = excluded.headers_a, headers_b = excluded.headers_b, bold_a = excluded.bold_a,
      bold_b = excluded.bold_b, lists_a = excluded.lists_a, lists_b = excluded.lists_b`;
  await tx.$executeRaw`
    UPDATE responses SET style_version = ${styleRules}, style_tokens = found.tokens,
      style_headers = found.headers, style_bold = found.bold, style_lists = found.lists
    FROM jsonb_to_recordset(${styles}::jsonb) AS found (id uuid, tokens int, headers int, bold int, lists int)
    WHERE responses.id = found.id`;
}
