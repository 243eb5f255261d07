import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase } from "@/lib/db/testing";
import { exportVotes, importVotes, reproduce, withConnection } from "../index";
import { createVoteSite, lines, lmsysVote, pairsOf, type VoteSite } from "../test-support";

let site: VoteSite;

beforeAll(async () => {
  site = await createVoteSite();
  await site.castVotes(12);
  await site.castVotes(4, true);
  const imported = Array.from({ length: 12 }, (_, index) =>
    lmsysVote(`${index}`, "vicuna", "gpt-4", "model_b"),
  );
  await importVotes(site.connection, { file: await site.fileOf(lines(imported)), source: "once" });
});
afterAll(async () => {
  await site.close();
});

describe("a release", () => {
  it("reproduces the published board from its files alone, and is found out when one is touched", async () => {
    expect(await site.fitBlind()).toBeGreaterThanOrEqual(12);
    const release = join(site.folder, "release");
    expect(await site.votesCli("export", release, "--release", "r1")).toMatchObject({ code: 0 });
    expect(await listAudit(site.database.db)).toMatchObject([
      { action: "release.make", targetId: "r1", actorKind: "cli", details: { chain: expect.any(String) } },
    ]);
    expect(await site.votesCli("export", release, "--release", "r1")).toMatchObject({
      code: 1,
      complained: expect.stringContaining("exists"),
    });

    const result = await reproduce(release);
    expect(result.problems).toEqual([]);
    expect(result.boards.every(({ isReproduced }) => isReproduced)).toBe(true);
    expect(result.boards.map(({ board }) => board)).toContain("blind");
    expect(result.boards.map(({ board }) => board)).not.toContain("self");
    // What the release says of the blind board is the snapshot that the site shows.
    const ratings = JSON.parse(await readFile(join(release, "ratings.json"), "utf8"));
    const blind = ratings.boards.find(({ board }: { board: string }) => board === "blind");
    const snapshot = await site.database.db.ratingSnapshot.findFirstOrThrow({
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
    const visitors = await site.database.db.visitor.findMany();
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
    expect((await site.votesCli("reproduce", release)).code).toBe(1);
  });

  it("gives a voter another pseudonym in each release, unless it has the same key", async () => {
    const voters = async (name: string, releaseKey?: string) => {
      await exportVotes(
        site.connection,
        { folder: join(site.folder, name), release: name, formats: ["jsonl"], releaseKey },
        new Date(),
      );
      const text = await readFile(join(site.folder, name, "votes.jsonl"), "utf8");
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
    const path = join(site.folder, "only-blind");
    const manifest = await exportVotes(
      site.connection,
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
            lmsysVote(`${index}`, pair[0] ?? "", pair[1] ?? "", winner),
          );
          const source = `round-${run}`;
          await importVotes(site.connection, { file: await site.fileOf(lines(rows)), source });
          const path = join(site.folder, source);
          await exportVotes(
            site.connection,
            { folder: path, release: source, boards: [`imported:${source}`], formats: ["jsonl"] },
            new Date(),
          );
          const file = join(path, "votes.jsonl");
          const back = await withConnection(elsewhere.url, (other) =>
            importVotes(other, { file, source, format: "arena" }),
          );
          expect(back.added).toEqual({ [`imported:${source}`]: votes.length });
          const board = `imported:${source}`;
          expect(await pairsOf(elsewhere.db, board)).toEqual(await pairsOf(site.database.db, board));
        }),
        { numRuns: 8 },
      );
    } finally {
      await elsewhere.drop();
    }
  });
});
