import type { Database } from "@/lib/db";

/** True effect of length on the votes of {@link insertVotes}, in logits for a relative difference of one. */
export const trueLengthEffect = 1.5;

/** Votes that a board's counts must agree with, by SQL that shares nothing with the code under test. */
const recount = `
  SELECT board, category, LEAST(model_a_id, model_b_id) AS low_id, GREATEST(model_a_id, model_b_id) AS high_id,
    count(*) FILTER (WHERE (outcome = 'a' AND model_a_id <= model_b_id) OR (outcome = 'b' AND model_a_id > model_b_id))::int
      AS win_low,
    count(*) FILTER (WHERE (outcome = 'b' AND model_a_id <= model_b_id) OR (outcome = 'a' AND model_a_id > model_b_id))::int
      AS win_high,
    count(*) FILTER (WHERE outcome = 'tie')::int AS tie,
    count(*) FILTER (WHERE outcome = 'both_bad')::int AS both_bad
  FROM votes JOIN battles ON battles.id = battle_id JOIN vote_categories ON vote_id = votes.id,
    unnest(ARRAY['overall'] || categories) AS category
  WHERE votes.id NOT IN (SELECT vote_id FROM excluded_votes)
  GROUP BY 1, 2, 3, 4`;

/**
 * Writes models and votes as if they had been cast, in bulk: model `model-000` is the best, each next one a little
 * weaker; longer answers win more often, see {@link trueLengthEffect}; one vote in five is a tie. Only for an empty
 * database. The same numbers give the same votes.
 */
export async function insertVotes(
  db: Database,
  { models, votes }: { models: number; votes: number },
): Promise<void> {
  const voters = Math.max(1, Math.floor(votes / 8));
  await db.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT setseed(0.25)`;
      await tx.$executeRaw`
        INSERT INTO models (id, name, display_name, organization)
        SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'model-' || lpad(i::text, 3, '0'),
          'Model ' || i, 'Organization ' || i % 7
        FROM generate_series(0, ${models}::int - 1) AS i`;
      await tx.$executeRaw`
        INSERT INTO visitors (id, vote_count)
        SELECT ('01910000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 0 FROM generate_series(0, ${voters}::int - 1) AS i`;
      await tx.$executeRaw`
        CREATE TEMPORARY TABLE made ON COMMIT DROP AS
        SELECT i, a, (a + 1 + floor(r2 * (${models}::int - 1))::int) % ${models}::int AS b, tokens_a, tokens_b, r3, r4
        FROM (
          SELECT i, floor(random() * ${models}::int)::int AS a, random() AS r2, random() AS r3, random() AS r4,
            20 + floor(random() * 400)::int AS tokens_a, 20 + floor(random() * 400)::int AS tokens_b
          FROM generate_series(0, ${votes}::int - 1) AS i
        ) AS drawn`;
      await tx.$executeRaw`
        INSERT INTO battles (id, visitor_id, idempotency_key, model_a_id, model_b_id, policy_id, propensity)
        SELECT ('01920000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          ('01910000-0000-7000-8000-' || lpad(to_hex(i % ${voters}::int), 12, '0'))::uuid,
          ('01920000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          ('01900000-0000-7000-8000-' || lpad(to_hex(a), 12, '0'))::uuid,
          ('01900000-0000-7000-8000-' || lpad(to_hex(b), 12, '0'))::uuid, 'uniform-1', 0.5
        FROM made`;
      await tx.$executeRaw`
        INSERT INTO votes (id, battle_id, visitor_id, idempotency_key, outcome, turn_count, elo_a_before, elo_a_after,
          elo_b_before, elo_b_after)
        SELECT ('01930000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          ('01920000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          ('01910000-0000-7000-8000-' || lpad(to_hex(i % ${voters}::int), 12, '0'))::uuid,
          ('01930000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
          CASE WHEN r4 < 0.1 THEN 'tie' WHEN r4 < 0.2 THEN 'both_bad'
            WHEN r3 < 1 / (1 + exp(-(2.0 * (b - a) / ${models}::int
              + ${trueLengthEffect} * (tokens_a - tokens_b)::float8 / (tokens_a + tokens_b)))) THEN 'a' ELSE 'b' END::outcome,
          1, 1000, 1000, 1000, 1000
        FROM made`;
      await tx.$executeRaw`
        INSERT INTO vote_categories (vote_id, board, rules_version, language, categories, tokens_a, tokens_b, headers_a,
          headers_b, bold_a, bold_b, lists_a, lists_b)
        SELECT ('01930000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'blind', 1,
          CASE WHEN i % 3 = 0 THEN 'zh' ELSE 'en' END,
          ARRAY['first_turn', CASE WHEN i % 3 = 0 THEN 'lang_zh' ELSE 'lang_en' END]
            || CASE WHEN i % 5 = 0 THEN ARRAY['code'] ELSE '{}' END
            || CASE WHEN i % 7 = 0 THEN ARRAY['hard_prompt', 'math'] ELSE '{}' END,
          tokens_a, tokens_b, tokens_b % 3, tokens_a % 4, tokens_a % 5, tokens_b % 2, tokens_b % 6, tokens_a % 7
        FROM made`;
      await tx.$executeRaw`
        UPDATE visitors SET vote_count = counted.votes
        FROM (SELECT visitor_id, count(*)::int AS votes FROM votes GROUP BY 1) AS counted WHERE id = visitor_id`;
      await tx.$executeRawUnsafe(
        `INSERT INTO pair_counts (board, category, low_id, high_id, win_low, win_high, tie, both_bad) ${recount}`,
      );
      await tx.$executeRaw`
        INSERT INTO board_totals (board, votes, voters) SELECT 'blind', count(*), count(DISTINCT visitor_id) FROM votes`;
    },
    { timeout: 600_000 },
  );
  await db.$executeRaw`ANALYZE`;
}

type Counts = Record<string, unknown>[];

/** The stored counts, and the counts that the stored votes and categories give. */
export async function storedAndRecounted(db: Database): Promise<{ stored: Counts; recounted: Counts }> {
  const order = "ORDER BY board, category, low_id, high_id";
  return {
    stored: await db.$queryRawUnsafe<Counts>(
      `SELECT * FROM pair_counts WHERE win_low + win_high + tie + both_bad > 0 ${order}`,
    ),
    recounted: await db.$queryRawUnsafe<Counts>(`SELECT * FROM (${recount}) AS counted ${order}`),
  };
}
