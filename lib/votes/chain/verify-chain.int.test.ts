import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendChain, importVotes, verifyChain, withConnection } from "../index";
import { createVoteSite, lines, lmsysVote, type VoteSite } from "../test-support";

let site: VoteSite;

beforeAll(async () => {
  site = await createVoteSite();
  await site.castVotes(12);
  await site.castVotes(4, true);
  const imported = ["model_a", "model_b", "tie"].map((winner, index) =>
    lmsysVote(`${index}`, "gpt-4", "vicuna", winner),
  );
  await importVotes(site.connection, { file: await site.fileOf(lines(imported)), source: "once" });
});
afterAll(async () => {
  await site.close();
});

describe("verify", () => {
  const verify = (expectedHead?: { seq: number; hash: string }) =>
    verifyChain(site.connection, { expectedHead });

  /** What `act` leads to, undone again. */
  async function afterTampering(sql: string) {
    await site.connection.query("BEGIN");
    try {
      await site.connection.query(sql);
      // verify has a transaction of its own, which here is the one of the tampering.
      const inner = Object.create(site.connection) as Client;
      inner.query = ((text: string, values?: unknown[]) =>
        /^(BEGIN|COMMIT|ROLLBACK)/.test(text)
          ? Promise.resolve({ rows: [] })
          : site.connection.query(text, values)) as never;
      return (await verifyChain(inner)).problems;
    } finally {
      await site.connection.query("ROLLBACK");
    }
  }

  it("agrees with an honest log, and with a head that was published before it grew", async () => {
    await appendChain(site.connection);
    const before = await verify();
    expect(before.problems).toEqual([]);
    await site.castVotes(3);
    expect(await verify(before.head)).toMatchObject({ queued: 3, problems: [] });
    expect(await appendChain(site.connection)).toBe(3);
    const after = await verify(before.head);
    expect(after).toMatchObject({ queued: 0, problems: [], head: { seq: before.head.seq + 3 } });
    const other = { seq: before.head.seq, hash: "0".repeat(64) };
    expect((await verify(other)).problems).toEqual([
      expect.stringContaining("does not have the published hash"),
    ]);
  });

  it("gives each vote one place when several append at the same time", async () => {
    await site.castVotes(20);
    const counts = await Promise.all(
      [1, 2, 3].map(() => withConnection(site.database.url, (own) => appendChain(own))),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect((await verify()).problems).toEqual([]);
  });

  it("counts models against themselves, and follows votes into other categories", async () => {
    await site.castVotes(4, true);
    expect((await verify()).problems).toEqual([]);
    const counts = () =>
      site.database.db.pairCount.findMany({ where: { board: { startsWith: "imported:" } } });
    const imported = await counts();
    expect(await recategorizeAll()).toBeGreaterThan(0);
    expect(await counts()).toEqual(imported);
    expect((await verify()).problems).toEqual([]);
    expect(await appendChain(site.connection)).toBe(4);
  });

  async function recategorizeAll(): Promise<number> {
    const { code, printed } = await site.votesCli("recategorize", "--all", "--json");
    expect(code).toBe(0);
    return JSON.parse(printed).votes;
  }

  it.each([
    [
      "a changed outcome",
      "UPDATE votes SET outcome = CASE outcome WHEN 'a' THEN 'b' ELSE 'a' END::outcome WHERE id = (SELECT max(id::text)::uuid FROM votes)",
      /does not have the hash/,
    ],
    [
      "a changed time",
      "UPDATE external_votes SET cast_at = cast_at + interval '1 ms' WHERE id = (SELECT min(id::text)::uuid FROM external_votes)",
      /does not have the hash/,
    ],
    [
      "another voter",
      "UPDATE external_votes SET voter = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM external_votes)",
      /does not have the hash/,
    ],
    [
      "a removed vote",
      "DELETE FROM external_votes WHERE id = (SELECT min(id::text)::uuid FROM external_votes)",
      /is missing/,
    ],
    [
      "a vote removed with its entry",
      "WITH gone AS (DELETE FROM external_votes WHERE id = (SELECT min(id::text)::uuid FROM external_votes) RETURNING id) DELETE FROM vote_chain WHERE vote_id IN (SELECT id FROM gone)",
      /Entries \d+ to \d+ of the chain are missing/,
    ],
    [
      "two entries in each other's place",
      "DROP INDEX vote_chain_vote_id_key; UPDATE vote_chain SET vote_id = CASE seq WHEN 1 THEN (SELECT vote_id FROM vote_chain WHERE seq = 2) ELSE (SELECT vote_id FROM vote_chain WHERE seq = 1) END WHERE seq IN (1, 2)",
      /Entry 1 of the chain/,
    ],
    [
      "a vote slipped in past the trigger",
      "INSERT INTO external_votes SELECT gen_random_uuid(), source_id, 'slipped', board, voter_kind, model_a_id, model_b_id, outcome, count, voter, turn_count, language, cast_at, created_at FROM external_votes LIMIT 1; DELETE FROM vote_chain_queue",
      /neither in the chain/,
    ],
    [
      "counts that are not of the votes",
      "UPDATE pair_counts SET win_low = win_low + 1 WHERE board = 'blind'",
      /counts of the board blind/,
    ],
    [
      "counts of models against themselves that are not of the votes",
      "UPDATE pair_counts SET win_low = win_low + 1 WHERE board = 'self'",
      /counts of the board self/,
    ],
    [
      "a board that is not of the votes",
      "UPDATE rating_snapshots SET result = jsonb_set(result, '{rows,0,votes}', '99')",
      /snapshot of the board blind/,
    ],
  ])("finds %s", async (_what, sql, problem) => {
    if (sql.includes("rating_snapshots")) {
      await site.fitBlind();
    }
    const problems = await afterTampering(sql);
    expect(problems.join("\n")).toMatch(problem);
    expect((await verify()).problems).toEqual([]);
  });
});
