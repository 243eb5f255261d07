import { z } from "zod";
import { outcomeSchema } from "@/lib/protocol";
import { publishable } from "@/lib/publication";
import { type Connection, readBatches } from "../connection";

const answerSchema = z.object({ text: z.string(), isTruncated: z.boolean(), isStopped: z.boolean() });

/** One battle of texts.jsonl and texts.parquet: what its visitor has published. `seq` names its vote in votes.jsonl. */
const exportedTextSchema = z.object({
  seq: z.number().int().min(1),
  board: z.string(),
  modelA: z.string(),
  modelB: z.string(),
  outcome: outcomeSchema,
  /** ISO 639 of the prompts; null where it cannot be told. */
  language: z.string().nullable(),
  /** Parts that were replaced by marks such as `[email]`. */
  hiddenFinds: z.number().int().min(0),
  turns: z.array(
    z.object({ prompt: z.string(), images: z.number().int(), a: answerSchema, b: answerSchema }),
  ),
});
export type ExportedText = z.infer<typeof exportedTextSchema>;

/** Texts are long: few of them are in memory at a time. */
const batchSize = 100;

const answerSql = (side: "a" | "b") => `
  (SELECT json_build_object('text', shown.text, 'isTruncated', coalesce(shown.finish_reason = 'length', false),
                            'isStopped', shown.status = 'stopped')
     FROM responses shown WHERE shown.turn_id = turn.id AND shown.side = '${side}' ORDER BY shown.attempt DESC LIMIT 1)`;

/**
 * Only battles whose newest choice is yes, whose texts are still there, which the chain of moderators has let through, and of which no moderator has hidden an answer. The choice is part of this one statement, so that no
 * text can come by another way.
 */
const publishedTextsSql = `
  SELECT chain.seq::int AS seq, coalesce(facts.board, 'blind') AS board, a.name AS "modelA", b.name AS "modelB",
         vote.outcome::text AS outcome, facts.language, choice.hides_finds AS "hidesFinds", battle.created_at AS "createdAt",
         vote.created_at AS "votedAt",
         (SELECT json_agg(json_build_object('prompt', turn.prompt,
                   'images', (SELECT count(*) FROM turn_images image WHERE image.turn_id = turn.id),
                   'a', ${answerSql("a")}, 'b', ${answerSql("b")}) ORDER BY turn.ordinal)
            FROM turns turn WHERE turn.battle_id = battle.id AND turn.superseded_at IS NULL) AS turns
    FROM (SELECT DISTINCT ON (battle_id) battle_id, is_given, hides_finds FROM consents
           WHERE battle_id IS NOT NULL ORDER BY battle_id, id DESC) AS choice
    JOIN battles battle ON battle.id = choice.battle_id
    JOIN votes vote ON vote.battle_id = battle.id
    JOIN vote_chain chain ON chain.vote_id = vote.id
    JOIN models a ON a.id = battle.model_a_id
    JOIN models b ON b.id = battle.model_b_id
    LEFT JOIN vote_categories facts ON facts.vote_id = vote.id
   WHERE choice.is_given AND battle.text_deleted_at IS NULL AND battle.text_admitted_at IS NOT NULL
     AND NOT EXISTS (SELECT FROM turns turn JOIN responses answer ON answer.turn_id = turn.id
                      WHERE turn.battle_id = battle.id AND answer.hidden_at IS NOT NULL)
   ORDER BY chain.seq`;

type Row = Omit<ExportedText, "hiddenFinds"> & { hidesFinds: boolean; createdAt: Date; votedAt: Date };

/**
 * The texts of a release, in batches and in the order of the vote log: of battles whose visitors have published them, screened
 * for personal data. Needs a transaction. A battle in which the screen finds something is left out, unless its visitor chose to
 * have such finds hidden; \`onLeftOut\` counts the others.
 *
 * @param boards only these; undefined: all
 */
export async function* publishedTexts(
  connection: Connection,
  boards: readonly string[] | undefined,
  onLeftOut: () => void,
): AsyncGenerator<ExportedText[]> {
  for await (const rows of readBatches<Row>(connection, "texts", publishedTextsSql, { batchSize })) {
    const texts: ExportedText[] = [];
    for (const { hidesFinds, createdAt, votedAt, ...row } of rows) {
      if (boards !== undefined && !boards.includes(row.board)) continue;
      const nameless = { displayName: "", organization: null, licence: null };
      const published = publishable(
        {
          ...{ kind: "battle", board: "blind", createdAt: createdAt.toISOString(), turns: row.turns },
          vote: { outcome: row.outcome, createdAt: votedAt.toISOString() },
          models: { a: { name: row.modelA, ...nameless }, b: { name: row.modelB, ...nameless } },
        },
        { hidesFinds },
      );
      if (published === null) onLeftOut();
      else {
        const { content, hidden } = published;
        texts.push(exportedTextSchema.parse({ ...row, hiddenFinds: hidden, turns: content.turns }));
      }
    }
    if (texts.length > 0) yield texts;
  }
}
