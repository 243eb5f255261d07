import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { countVote, createLeaderboard, toVoteCategory } from "@/lib/leaderboard";
import { runVotes } from "./cli/run-votes";
import { appendChain, importVotes, reproduce, verifyChain, withConnection } from "./index";

let database: TestDatabase;
let folder: string;
let connection: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(inject("scratch"), "votes-"));
  connection = new Client({ connectionString: database.url });
  await connection.connect();
});
afterAll(async () => {
  await connection.end();
  await database.drop();
});

let files = 0;
async function fileOf(content: string | Buffer): Promise<string> {
  files += 1;
  const path = join(folder, `votes-${files}.jsonl`);
  await writeFile(path, content);
  return path;
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const lmsys = (id: string, a: string, b: string, winner: string, more: object = {}) => ({
  question_id: id,
  model_a: a,
  model_b: b,
  winner,
  judge: "arena_user_1",
  anony: true,
  tstamp: 1682351591.1322,
  ...more,
});

async function pairsOf(board: string) {
  const rows = await database.db.pairCount.findMany({ where: { board }, include: { low: true, high: true } });
  return rows
    .map((row) => {
      const isSorted = row.low.name < row.high.name;
      const wins = isSorted ? [row.winLow, row.winHigh] : [row.winHigh, row.winLow];
      const names = [row.low.name, row.high.name].sort();
      return [...names, ...wins, row.tie, row.bothBad].join(" ");
    })
    .sort();
}

/** Votes of visitors, as the site stores them. */
async function siteVotes(count: number, isSelf = false): Promise<void> {
  const { db } = database;
  const ids = await Promise.all(
    ["site-x", "site-y"].map(async (name) => {
      const row = await db.model.upsert({
        where: { name },
        create: { id: uuidv7(), name, displayName: name },
        update: {},
      });
      return row.id;
    }),
  );
  const [modelAId, other] = ids as [string, string];
  const modelBId = isSelf ? modelAId : other;
  for (let index = 0; index < count; index++) {
    const visitorId = uuidv7();
    const battleId = uuidv7();
    const outcome = (["a", "b", "tie", "both_bad"] as const)[index % 4] ?? "a";
    await db.$transaction(async (tx) => {
      await tx.visitor.create({ data: { id: visitorId } });
      await tx.battle.create({
        data: {
          id: battleId,
          visitorId,
          idempotencyKey: uuidv7(),
          modelAId,
          modelBId,
          policyId: isSelf ? "self-1" : "uniform",
          propensity: 0.5,
        },
      });
      const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
      const voteId = uuidv7();
      await tx.vote.create({
        data: { id: voteId, battleId, visitorId, idempotencyKey: uuidv7(), outcome, turnCount: 1, ...elo },
      });
      const vote = { voteId, board: "blind" as const, modelAId, modelBId, outcome };
      const turns = [{ prompt: "What is 17 * 23?", a: "It is **391**.", b: "391" }];
      const facts = toVoteCategory({ ...vote, turns });
      await tx.voteCategory.create({ data: facts });
      await countVote(tx, { ...vote, visitorId, categories: facts.categories });
    });
  }
}

function newLeaderboard() {
  const logger = pino({ level: "silent" });
  return createLeaderboard({
    db: database.db,
    databaseUrl: database.url,
    logger,
    styleRefreshMs: 1,
    secret: "test",
  });
}

/** Has the blind board fitted on the votes of now; gives the number of votes of the fit. */
async function fitBlind(): Promise<number> {
  const leaderboard = newLeaderboard();
  try {
    return (await leaderboard.latestFit({ board: "blind", category: "overall" })).votes;
  } finally {
    await leaderboard.close();
  }
}

describe("import", () => {
  it("counts once however often it runs, apart from the site's own board", async () => {
    const rows = [
      lmsys("1", "gpt-4", "vicuna", "model_a"),
      lmsys("2", "vicuna", "gpt-4", "model_a"),
      lmsys("3", "gpt-4", "vicuna", "tie (bothbad)", { judge: "arena_user_2" }),
      lmsys("4", "gpt-4", "vicuna", "tie", { anony: false }),
      { ...lmsys("5", "gpt-4", "vicuna", "model_b"), judge: ["gpt-4", "pair-v2"] },
    ];
    const file = await fileOf(lines(rows));
    const first = await importVotes(connection, { file, source: "once" });
    expect(first).toMatchObject({
      format: "lmsys",
      records: 5,
      added: { "imported:once": 3, "imported:once:named": 1, "imported:once:judge": 1 },
      known: 0,
      newModels: ["gpt-4", "vicuna"],
      faults: [],
      chained: 5,
    });
    expect(await pairsOf("imported:once")).toEqual(["gpt-4 vicuna 1 1 0 1"]);
    expect(await pairsOf("blind")).toEqual([]);
    expect(await database.db.boardTotal.findUnique({ where: { board: "imported:once" } })).toMatchObject({
      votes: 3,
      voters: 2,
    });

    const longer = await fileOf(lines([...rows, lmsys("6", "gpt-4", "claude", "model_a")]));
    const again = await importVotes(connection, { file: longer, source: "once" });
    expect(again).toMatchObject({ added: { "imported:once": 1 }, known: 5, newModels: ["claude"] });
    expect(await database.db.boardTotal.findUnique({ where: { board: "imported:once" } })).toMatchObject({
      votes: 4,
      voters: 2,
    });
    const models = await database.db.model.findMany({ where: { name: { in: ["gpt-4", "claude"] } } });
    expect(models.map(({ stage }) => stage)).toEqual(["retired", "retired"]);
    const stored = await database.db.externalVote.findMany();
    expect(JSON.stringify(stored)).not.toContain("arena_user");
  });

  it("refuses a file with faults whole, by reason and line, or leaves them out when told to", async () => {
    const good = (id: string) => JSON.stringify(lmsys(id, "m1", "m2", "model_a"));
    const file = await fileOf(
      Buffer.concat([
        Buffer.from(`${good("1")}\nnot json\n${good("1")}\n`),
        Buffer.from(`${JSON.stringify(lmsys("2", "m1", "m1", "model_a"))}\n`),
        Buffer.from(`${JSON.stringify(lmsys("3", "m1", "m2", "model_c"))}\n\n`),
        Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
        Buffer.from(`${JSON.stringify({ ...lmsys("4", "m1", "m2", "tie"), model_a: undefined })}\n`),
        Buffer.from(`${JSON.stringify(lmsys("5", "m\u0000", "m2", "tie"))}\n${good("6")}`),
      ]),
    );
    const before = await database.db.externalVote.count();
    const refused = importVotes(connection, { file, source: "faulty" });
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/^Nothing was imported\. 7 of 9 records are faulty:/),
    });
    expect(await database.db.externalVote.count()).toBe(before);
    expect(await database.db.voteSource.findUnique({ where: { name: "faulty" } })).toBeNull();
    expect(await database.db.model.findUnique({ where: { name: "m1" } })).toBeNull();

    const { faults, added } = await importVotes(connection, { file, source: "faulty", skipFaulty: true });
    expect(added).toEqual({ "imported:faulty": 2 });
    const byLine = faults.flatMap(({ reason, lines: at }) => at.map((line) => `${line} ${reason}`)).sort();
    expect(byLine.map((text) => text.replace(/: .*/, ""))).toEqual([
      "2 not JSON",
      "3 the same id again",
      "4 a model against itself",
      "5 winner",
      "7 invalid UTF-8",
      "8 model_a",
      "9 model_a",
    ]);
  });

  it("refuses an id whose vote has changed since", async () => {
    await importVotes(connection, {
      file: await fileOf(lines([lmsys("1", "p", "q", "model_a")])),
      source: "changed",
    });
    const changed = importVotes(connection, {
      file: await fileOf(lines([lmsys("1", "p", "q", "model_b"), lmsys("2", "p", "q", "tie")])),
      source: "changed",
    });
    await expect(changed).rejects.toThrow("1 × not what is stored under this id, on line 1");
    expect(await pairsOf("imported:changed")).toEqual(["p q 1 0 0 0"]);
  });

  it("reads logs of FastChat, with hidden names and with shown ones", async () => {
    const { added, ignored, faults } = await importVotes(connection, {
      file: "lib/votes/fixtures/fastchat-conv.jsonl",
      source: "fastchat",
    });
    expect(faults).toEqual([]);
    expect(ignored).toEqual({ "of type chat": 2, "of type upvote": 1 });
    expect(added).toEqual({ "imported:fastchat": 2, "imported:fastchat:named": 1 });
    expect(await pairsOf("imported:fastchat")).toEqual(["koala-13b vicuna-13b 0 1 0 1"]);
    expect(JSON.stringify(await database.db.externalVote.findMany())).not.toContain("203.0.113");
  });

  it("reads a released array of LMSYS as it is laid out", async () => {
    const { added, format } = await importVotes(connection, {
      file: "lib/votes/fixtures/lmsys-battles.json",
      source: "lmsys-array",
    });
    expect(format).toBe("lmsys");
    expect(added).toEqual({ "imported:lmsys-array": 3 });
    expect(await pairsOf("imported:lmsys-array")).toEqual([
      "chatglm-6b koala-13b 1 0 0 1",
      "koala-13b oasst-pythia-12b 0 0 1 0",
    ]);
  });

  it("reads pair counts, as rows and as a table", async () => {
    const rows = lines([{ model_a: "r1", model_b: "r2", win_a: 7, win_b: 0, tie: 2, both_bad: 1 }]);
    await importVotes(connection, { file: await fileOf(rows), source: "rows" });
    expect(await pairsOf("imported:rows")).toEqual(["r1 r2 7 0 2 1"]);
    const table = {
      models: ["t1", "t2", "t3"],
      X: [
        [0, 1],
        [2, 1],
      ],
      Y: [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    };
    const file = await fileOf(JSON.stringify(table, null, 2));
    expect((await importVotes(connection, { file, source: "table" })).format).toBe("pair-table");
    expect(await pairsOf("imported:table")).toEqual(["t1 t2 1 2 3 4", "t2 t3 6 5 7 8"]);
    expect((await importVotes(connection, { file, source: "table" })).known).toBe(36);
  });

  it("mixes with a board of the site only when told to", async () => {
    const file = await fileOf(
      lines([lmsys("1", "n1", "n2", "model_a"), lmsys("2", "n1", "n2", "tie", { anony: false })]),
    );
    const { added } = await importVotes(connection, { file, source: "told", board: "blind" });
    expect(added).toEqual({ blind: 1, compare: 1 });
    expect(await pairsOf("blind")).toEqual(["n1 n2 1 0 0 0"]);
    const onSelf = importVotes(connection, { file, source: "self", board: "self" });
    await expect(onSelf).rejects.toThrow("is for models against themselves");
  });

  it("has boards fitted again that were fitted before it", async () => {
    const key = { board: "compare", category: "overall" } as const;
    const totalOf = () => database.db.categoryTotal.findUniqueOrThrow({ where: { board_category: key } });
    const before = await totalOf();
    const leaderboard = newLeaderboard();
    try {
      expect((await leaderboard.latestFit(key)).votes).toBe(before.votes);
      const file = await fileOf(lines([lmsys("1", "n1", "n2", "model_a", { anony: false })]));
      await importVotes(connection, { file, source: "later", board: "blind" });
      const after = await totalOf();
      expect(after.votes).toBe(before.votes + 1);
      expect(after.revision).toBeGreaterThan(before.revision);
      // Readers look at the totals at most once a second.
      await expect
        .poll(async () => (await leaderboard.latestFit(key)).votes, { timeout: 30_000 })
        .toBe(after.votes);
    } finally {
      await leaderboard.close();
    }
  });

  it("stores nothing when it is interrupted", async () => {
    const abort = new AbortController();
    abort.abort();
    const rows = Array.from({ length: 6_000 }, (_, index) => lmsys(String(index), "i1", "i2", "model_a"));
    const file = await fileOf(lines(rows));
    await expect(importVotes(connection, { file, source: "interrupted" }, abort.signal)).rejects.toThrow();
    expect(await database.db.voteSource.findUnique({ where: { name: "interrupted" } })).toBeNull();
    // The connection can be used again.
    expect((await importVotes(connection, { file, source: "interrupted" })).added).toEqual({
      "imported:interrupted": 6_000,
    });
  });
});

describe("a release", () => {
  it("reproduces the published board from its files alone, and is found out when one is touched", async () => {
    await siteVotes(12);
    await siteVotes(4, true);
    expect(await fitBlind()).toBeGreaterThanOrEqual(12);
    const release = join(folder, "release");
    let printed = "";
    const cli = (...args: string[]) =>
      runVotes(args, {
        findDatabase: async () => database.url,
        releasesFolder: join(folder, "releases"),
        print: (text) => {
          printed = text;
        },
        complain: (text) => {
          printed = text;
        },
      });
    expect(await cli("export", release, "--release", "r1")).toBe(0);
    expect(await cli("export", release, "--release", "r1")).toBe(1);
    expect(printed).toContain("exists");

    const result = await reproduce(release);
    expect(result.problems).toEqual([]);
    expect(result.boards.every(({ isReproduced }) => isReproduced)).toBe(true);
    expect(result.boards.map(({ board }) => board)).toContain("blind");
    expect(result.boards.map(({ board }) => board)).not.toContain("self");
    // What the release says of the blind board is the snapshot that the site shows.
    const ratings = JSON.parse(await readFile(join(release, "ratings.json"), "utf8"));
    const blind = ratings.boards.find(({ board }: { board: string }) => board === "blind");
    const snapshot = await database.db.ratingSnapshot.findFirstOrThrow({
      where: { board: "blind" },
      orderBy: { createdAt: "desc" },
    });
    expect(blind.inputsHash).toBe(snapshot.inputsHash);
    expect(blind.result).toEqual(snapshot.result);

    const text = await readFile(join(release, "votes.jsonl"), "utf8");
    const exported = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(exported.filter(({ board }) => board === "self")).toHaveLength(4);
    const visitors = await database.db.visitor.findMany();
    for (const { id } of visitors) expect(text).not.toContain(id);
    const parquet = await parquetReadObjects({
      file: await asyncBufferFromFile(join(release, "votes.parquet")),
    });
    expect(parquet.length).toBe(exported.length);
    expect(
      parquet.map((row) => [Number(row["seq"]), row["modelA"], row["outcome"], row["count"], row["hash"]]),
    ).toEqual(exported.map((row) => [row.seq, row.modelA, row.outcome, row.count, row.hash]));
    const csv = (await readFile(join(release, "votes.csv"), "utf8")).trimEnd().split("\r\n");
    expect(csv.length).toBe(exported.length + 1);
    const card = await readFile(join(release, "README.md"), "utf8");
    expect(card).toContain("prompts and both answers of 0 battles");
    expect(await readFile(join(release, "texts.jsonl"), "utf8")).toBe("");

    // One vote turned around, everything else untouched: its hash, the file's hash and the board disagree.
    const touched = exported.map((row, index) =>
      index === 3 ? { ...row, modelA: row.modelB, modelB: row.modelA } : row,
    );
    await writeFile(join(release, "votes.jsonl"), lines(touched));
    const found = await reproduce(release);
    expect(found.problems).toEqual(
      expect.arrayContaining([
        "votes.jsonl does not have its hash.",
        "votes.jsonl, line 4: the vote does not have its hash.",
      ]),
    );
    // A line less.
    await writeFile(join(release, "votes.jsonl"), lines(exported.filter((_, index) => index !== 3)));
    expect((await reproduce(release)).problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining("entry 5 stands where 4 should"),
        expect.stringContaining("is not the fit of these votes"),
      ]),
    );
    expect(await cli("reproduce", release)).toBe(1);
  });

  it("gives a voter another pseudonym in each release, unless it has the same key", async () => {
    const voters = async (name: string, releaseKey?: string) => {
      const { exportVotes } = await import("./index");
      await exportVotes(
        connection,
        { folder: join(folder, name), release: name, formats: ["jsonl"], releaseKey },
        new Date(),
      );
      const text = await readFile(join(folder, name, "votes.jsonl"), "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).voter as string | null);
    };
    const [first, second] = [await voters("k1"), await voters("k2")];
    const named = first.filter((voter) => voter !== null);
    expect(named.length).toBeGreaterThan(10);
    expect(second.filter((voter) => voter !== null && named.includes(voter))).toEqual([]);
    expect(await voters("k3", "a key of the operator")).toEqual(await voters("k4", "a key of the operator"));
  });

  it("withholds other boards and keeps the chain whole", async () => {
    const { exportVotes } = await import("./index");
    const path = join(folder, "only-blind");
    const manifest = await exportVotes(
      connection,
      { folder: path, release: "b", boards: ["blind"], formats: ["jsonl"] },
      new Date(),
    );
    expect(manifest.boards).toEqual(["blind"]);
    expect(manifest.withheld).toBeGreaterThan(10);
    expect(await readFile(join(path, "votes.jsonl"), "utf8")).not.toContain("vicuna");
    expect((await reproduce(path)).problems).toEqual([]);
  });

  it("imported elsewhere gives the same counts", async () => {
    const elsewhere = await createTestDatabase();
    const vote = fc.record({
      pair: fc.constantFrom(["u", "v"], ["v", "u"], ["v", "w"], ["u", "w"]),
      winner: fc.constantFrom("model_a", "model_b", "tie", "tie (bothbad)"),
    });
    let run = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(vote, { minLength: 1, maxLength: 40 }), async (votes) => {
          run += 1;
          const rows = votes.map(({ pair, winner }, index) =>
            lmsys(`${index}`, pair[0] ?? "", pair[1] ?? "", winner),
          );
          const source = `round-${run}`;
          await importVotes(connection, { file: await fileOf(lines(rows)), source });
          const { exportVotes } = await import("./index");
          const path = join(folder, source);
          await exportVotes(
            connection,
            { folder: path, release: source, boards: [`imported:${source}`], formats: ["jsonl"] },
            new Date(),
          );
          const file = join(path, "votes.jsonl");
          const back = await withConnection(elsewhere.url, (other) =>
            importVotes(other, { file, source, format: "arena" }),
          );
          expect(back.added).toEqual({ [`imported:${source}`]: votes.length });
          const there = await elsewhere.db.pairCount.findMany({
            where: { board: `imported:${source}` },
            include: { low: true, high: true },
          });
          const sums = there.map((row) => {
            const isSorted = row.low.name < row.high.name;
            const wins = isSorted ? [row.winLow, row.winHigh] : [row.winHigh, row.winLow];
            return [...[row.low.name, row.high.name].sort(), ...wins, row.tie, row.bothBad].join(" ");
          });
          expect(sums.sort()).toEqual(await pairsOf(`imported:${source}`));
        }),
        { numRuns: 8 },
      );
    } finally {
      await elsewhere.drop();
    }
  });
});

describe("verify", () => {
  const verify = (expectedHead?: { seq: number; hash: string }) => verifyChain(connection, { expectedHead });

  /** What `act` leads to, undone again. */
  async function afterTampering(sql: string) {
    await connection.query("BEGIN");
    try {
      await connection.query(sql);
      // verify has a transaction of its own, which here is the one of the tampering.
      const inner = Object.create(connection) as Client;
      inner.query = ((text: string, values?: unknown[]) =>
        /^(BEGIN|COMMIT|ROLLBACK)/.test(text)
          ? Promise.resolve({ rows: [] })
          : connection.query(text, values)) as never;
      return (await verifyChain(inner)).problems;
    } finally {
      await connection.query("ROLLBACK");
    }
  }

  it("agrees with an honest log, and with a head that was published before it grew", async () => {
    await appendChain(connection);
    const before = await verify();
    expect(before.problems).toEqual([]);
    await siteVotes(3);
    expect(await verify(before.head)).toMatchObject({ queued: 3, problems: [] });
    expect(await appendChain(connection)).toBe(3);
    const after = await verify(before.head);
    expect(after).toMatchObject({ queued: 0, problems: [], head: { seq: before.head.seq + 3 } });
    const other = { seq: before.head.seq, hash: "0".repeat(64) };
    expect((await verify(other)).problems).toEqual([
      expect.stringContaining("does not have the published hash"),
    ]);
  });

  it("gives each vote one place when several append at the same time", async () => {
    await siteVotes(20);
    const counts = await Promise.all(
      [1, 2, 3].map(() => withConnection(database.url, (own) => appendChain(own))),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect((await verify()).problems).toEqual([]);
  });

  it("counts models against themselves, and follows votes into other categories", async () => {
    await siteVotes(4, true);
    expect((await verify()).problems).toEqual([]);
    const counts = () => database.db.pairCount.findMany({ where: { board: { startsWith: "imported:" } } });
    const imported = await counts();
    expect(await recategorizeAll()).toBeGreaterThan(0);
    expect(await counts()).toEqual(imported);
    expect((await verify()).problems).toEqual([]);
    expect(await appendChain(connection)).toBe(4);
  });

  async function recategorizeAll(): Promise<number> {
    let printed = "";
    const code = await runVotes(["recategorize", "--all", "--json"], {
      findDatabase: async () => database.url,
      releasesFolder: join(folder, "releases"),
      print: (text) => {
        printed += text;
      },
      complain: (text) => {
        throw new Error(text);
      },
    });
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
      await fitBlind();
    }
    const problems = await afterTampering(sql);
    expect(problems.join("\n")).toMatch(problem);
    expect((await verify()).problems).toEqual([]);
  });
});

describe("the command line", () => {
  it.each([
    [["import"], 2, "takes FILE"],
    [["import", "nowhere.jsonl"], 1, "--source"],
    [["import", "nowhere.jsonl", "--source", "x"], 1, "There is no file"],
    [["import", "package.json", "--source", "x"], 1, "not known"],
    [["import", "package.json", "--source", "x", "--format", "xml"], 1, "format"],
    [["verify", "--head", "1:zz"], 1, "--head"],
    [["verify", "--release", "x"], 2, "no option --release"],
    [["reproduce", "nowhere"], 1, "There is nothing at"],
    [["publish"], 2, "There is no command"],
  ])("refuses %j and says why", async (args, code, words) => {
    let complaint = "";
    const result = await runVotes(args, {
      findDatabase: async () => database.url,
      releasesFolder: join(folder, "releases"),
      print: () => undefined,
      complain: (text) => {
        complaint += text;
      },
    });
    expect([result, complaint.includes(words) || complaint]).toEqual([code, true]);
  });
});
