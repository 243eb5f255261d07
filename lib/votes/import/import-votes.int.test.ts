import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importVotes } from "../index";
import { createVoteSite, lines, lmsysVote, pairsOf, type VoteSite } from "../test-support";

let site: VoteSite;

beforeAll(async () => {
  site = await createVoteSite();
});
afterAll(async () => {
  await site.close();
});

describe("import", () => {
  it("counts once however often it runs, apart from the site's own board", async () => {
    const rows = [
      lmsysVote("1", "gpt-4", "vicuna", "model_a"),
      lmsysVote("2", "vicuna", "gpt-4", "model_a"),
      lmsysVote("3", "gpt-4", "vicuna", "tie (bothbad)", { judge: "arena_user_2" }),
      lmsysVote("4", "gpt-4", "vicuna", "tie", { anony: false }),
      { ...lmsysVote("5", "gpt-4", "vicuna", "model_b"), judge: ["gpt-4", "pair-v2"] },
    ];
    const file = await site.fileOf(lines(rows));
    const first = await importVotes(site.connection, { file, source: "once" });
    expect(first).toMatchObject({
      format: "lmsys",
      records: 5,
      added: { "imported:once": 3, "imported:once:named": 1, "imported:once:judge": 1 },
      known: 0,
      newModels: ["gpt-4", "vicuna"],
      faults: [],
      chained: 5,
    });
    expect(await pairsOf(site.database.db, "imported:once")).toEqual(["gpt-4 vicuna 1 1 0 1"]);
    expect(await pairsOf(site.database.db, "blind")).toEqual([]);
    expect(await site.database.db.boardTotal.findUnique({ where: { board: "imported:once" } })).toMatchObject(
      {
        votes: 3,
        voters: 2,
      },
    );

    const longer = await site.fileOf(lines([...rows, lmsysVote("6", "gpt-4", "claude", "model_a")]));
    const again = await importVotes(site.connection, { file: longer, source: "once" });
    expect(again).toMatchObject({ added: { "imported:once": 1 }, known: 5, newModels: ["claude"] });
    expect(await site.database.db.boardTotal.findUnique({ where: { board: "imported:once" } })).toMatchObject(
      {
        votes: 4,
        voters: 2,
      },
    );
    const models = await site.database.db.model.findMany({ where: { name: { in: ["gpt-4", "claude"] } } });
    expect(models.map(({ stage }) => stage)).toEqual(["retired", "retired"]);
    const stored = await site.database.db.externalVote.findMany();
    expect(JSON.stringify(stored)).not.toContain("arena_user");
  });

  it("refuses a file with faults whole, by reason and line, or leaves them out when told to", async () => {
    const good = (id: string) => JSON.stringify(lmsysVote(id, "m1", "m2", "model_a"));
    const file = await site.fileOf(
      Buffer.concat([
        Buffer.from(`${good("1")}\nnot json\n${good("1")}\n`),
        Buffer.from(`${JSON.stringify(lmsysVote("2", "m1", "m1", "model_a"))}\n`),
        Buffer.from(`${JSON.stringify(lmsysVote("3", "m1", "m2", "model_c"))}\n\n`),
        Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]),
        Buffer.from(`${JSON.stringify({ ...lmsysVote("4", "m1", "m2", "tie"), model_a: undefined })}\n`),
        Buffer.from(`${JSON.stringify(lmsysVote("5", "m\u0000", "m2", "tie"))}\n${good("6")}`),
      ]),
    );
    const before = await site.database.db.externalVote.count();
    const refused = importVotes(site.connection, { file, source: "faulty" });
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/^Nothing was imported\. 7 of 9 records are faulty:/),
    });
    expect(await site.database.db.externalVote.count()).toBe(before);
    expect(await site.database.db.voteSource.findUnique({ where: { name: "faulty" } })).toBeNull();
    expect(await site.database.db.model.findUnique({ where: { name: "m1" } })).toBeNull();

    const { faults, added } = await importVotes(site.connection, {
      file,
      source: "faulty",
      skipFaulty: true,
    });
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
    await importVotes(site.connection, {
      file: await site.fileOf(lines([lmsysVote("1", "p", "q", "model_a")])),
      source: "changed",
    });
    const changed = importVotes(site.connection, {
      file: await site.fileOf(lines([lmsysVote("1", "p", "q", "model_b"), lmsysVote("2", "p", "q", "tie")])),
      source: "changed",
    });
    await expect(changed).rejects.toThrow("1 × not what is stored under this id, on line 1");
    expect(await pairsOf(site.database.db, "imported:changed")).toEqual(["p q 1 0 0 0"]);
  });

  it("reads logs of FastChat, with hidden names and with shown ones", async () => {
    const { added, ignored, faults } = await importVotes(site.connection, {
      file: "lib/votes/fixtures/fastchat-conv.jsonl",
      source: "fastchat",
    });
    expect(faults).toEqual([]);
    expect(ignored).toEqual({ "of type chat": 2, "of type upvote": 1 });
    expect(added).toEqual({ "imported:fastchat": 2, "imported:fastchat:named": 1 });
    expect(await pairsOf(site.database.db, "imported:fastchat")).toEqual(["koala-13b vicuna-13b 0 1 0 1"]);
    expect(JSON.stringify(await site.database.db.externalVote.findMany())).not.toContain("203.0.113");
  });

  it("reads a released array of LMSYS as it is laid out", async () => {
    const { added, format } = await importVotes(site.connection, {
      file: "lib/votes/fixtures/lmsys-battles.json",
      source: "lmsys-array",
    });
    expect(format).toBe("lmsys");
    expect(added).toEqual({ "imported:lmsys-array": 3 });
    expect(await pairsOf(site.database.db, "imported:lmsys-array")).toEqual([
      "chatglm-6b koala-13b 1 0 0 1",
      "koala-13b oasst-pythia-12b 0 0 1 0",
    ]);
  });

  it("reads pair counts, as rows and as a table", async () => {
    const rows = lines([{ model_a: "r1", model_b: "r2", win_a: 7, win_b: 0, tie: 2, both_bad: 1 }]);
    await importVotes(site.connection, { file: await site.fileOf(rows), source: "rows" });
    expect(await pairsOf(site.database.db, "imported:rows")).toEqual(["r1 r2 7 0 2 1"]);
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
    const file = await site.fileOf(JSON.stringify(table, null, 2));
    expect((await importVotes(site.connection, { file, source: "table" })).format).toBe("pair-table");
    expect(await pairsOf(site.database.db, "imported:table")).toEqual(["t1 t2 1 2 3 4", "t2 t3 6 5 7 8"]);
    expect((await importVotes(site.connection, { file, source: "table" })).known).toBe(36);
  });

  it("mixes with a board of the site only when told to", async () => {
    const file = await site.fileOf(
      lines([lmsysVote("1", "n1", "n2", "model_a"), lmsysVote("2", "n1", "n2", "tie", { anony: false })]),
    );
    const { added } = await importVotes(site.connection, { file, source: "told", board: "blind" });
    expect(added).toEqual({ blind: 1, compare: 1 });
    expect(await pairsOf(site.database.db, "blind")).toEqual(["n1 n2 1 0 0 0"]);
    const onSelf = importVotes(site.connection, { file, source: "self", board: "self" });
    await expect(onSelf).rejects.toThrow("is for models against themselves");
  });

  it("has boards fitted again that were fitted before it", async () => {
    const key = { board: "compare", category: "overall" } as const;
    const totalOf = () =>
      site.database.db.categoryTotal.findUniqueOrThrow({ where: { board_category: key } });
    const before = await totalOf();
    const leaderboard = site.newLeaderboard();
    try {
      expect((await leaderboard.latestFit(key)).votes).toBe(before.votes);
      const file = await site.fileOf(lines([lmsysVote("1", "n1", "n2", "model_a", { anony: false })]));
      await importVotes(site.connection, { file, source: "later", board: "blind" });
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
    const rows = Array.from({ length: 6_000 }, (_, index) => lmsysVote(String(index), "i1", "i2", "model_a"));
    const file = await site.fileOf(lines(rows));
    await expect(
      importVotes(site.connection, { file, source: "interrupted" }, abort.signal),
    ).rejects.toThrow();
    expect(await site.database.db.voteSource.findUnique({ where: { name: "interrupted" } })).toBeNull();
    // The connection can be used again.
    expect((await importVotes(site.connection, { file, source: "interrupted" })).added).toEqual({
      "imported:interrupted": 6_000,
    });
  });
});
