import { verifyChain, withConnection } from "@/lib/votes";
import type { Rig } from "./rig";
import type { Report } from "./scenario";
import type { Ballot } from "./visitor";

/**
 * Holds the votes that were acknowledged against the database. To be asked before any of them is cast again: a vote that was lost and
 * sent once more would be there.
 */
export async function requireStored(
  rig: Rig,
  report: Report,
  acknowledged: readonly Ballot[],
): Promise<void> {
  const rows = await rig.query<{ outcome: string; key: string }>(
    "SELECT outcome::text AS outcome, idempotency_key AS key FROM votes",
  );
  const stored = new Map(rows.map((row) => [row.key, row]));
  report.must(stored.size === rows.length, "a vote is stored twice");
  for (const ballot of acknowledged) {
    const row = stored.get(ballot.idempotencyKey);
    report.must(row !== undefined, `an acknowledged vote is gone: battle ${ballot.battleId}`);
    report.must(
      row === undefined || row.outcome === ballot.outcome,
      "a vote has another outcome than was cast",
    );
  }
}

/** At the end: the votes that were acknowledged are there, and the database agrees with itself. */
export async function checkVotes(rig: Rig, report: Report, acknowledged: readonly Ballot[]): Promise<void> {
  await requireStored(rig, report, acknowledged);
  const { problems } = await withConnection(rig.directDatabaseUrl, (connection) => verifyChain(connection));
  for (const problem of problems) report.lost(problem);
  const [counted] = await rig.query<{ votes: string; categorized: string }>(
    `SELECT (SELECT count(*) FROM votes)::text AS votes, (SELECT count(*) FROM vote_categories)::text AS categorized`,
  );
  report.tried(
    `${counted?.votes ?? "No"} votes in the database; every count, board and hash agrees with them`,
  );
  report.must(
    counted !== undefined && counted.votes === counted.categorized,
    "a vote without its categories",
  );
}
