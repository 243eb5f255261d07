import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { countVote, toVoteCategory } from "@/lib/leaderboard";
import { exportVotes, reproduce, withConnection } from "..";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(inject("scratch"), "texts-"));
});
afterAll(() => database.drop());

type Choice = "yes" | "hide" | "no";
const choices: readonly Choice[] = ["yes", "hide", "no"];

/** Every history of at most two choices. */
const histories: Choice[][] = [[], ...choices.map((first) => [first])].flatMap((start) =>
  start.length === 0 ? [start] : [start, ...choices.map((second) => [...start, second])],
);

type Battle = {
  id: string;
  marker: string;
  history: Choice[];
  hasFind: boolean;
  isDeleted: boolean;
  isAdmitted: boolean;
};

/** A voted battle with a replaced turn and a former attempt, all of whose texts carry its marker. */
async function voted(
  history: Choice[],
  hasFind: boolean,
  isDeleted: boolean,
  isAdmitted = true,
): Promise<Battle> {
  const { db } = database;
  const [a, b] = await Promise.all(
    ["text-x", "text-y"].map((name) =>
      db.model.upsert({ where: { name }, create: { id: uuidv7(), name, displayName: name }, update: {} }),
    ),
  );
  if (a === undefined || b === undefined) throw new Error("Two models were made.");
  const [id, visitorId, voteId] = [uuidv7(), uuidv7(), uuidv7()];
  const marker = `marker${id.replaceAll("-", "")}end`.replaceAll(
    /\d/g,
    (digit) => "ghijklmnop"[Number(digit)] ?? "",
  );
  const turn = (ordinal: number, prompt: string, isReplaced: boolean) => ({
    ...{ id: uuidv7(), idempotencyKey: uuidv7(), ordinal, prompt },
    supersededAt: isReplaced ? new Date() : null,
    responses: {
      create: (["a", "b"] as const).flatMap((side) =>
        [0, 1].map((attempt) => ({
          ...{ id: uuidv7(), side, attempt, status: "finished" as const, leaseUntil: new Date() },
          text: attempt === 0 ? `former ${marker}` : `answer ${side} ${marker}`,
        })),
      ),
    },
  });
  await db.$transaction(async (tx) => {
    await tx.visitor.create({ data: { id: visitorId } });
    const prompt = hasFind ? `${marker} mail bob@corp.io` : `${marker} prompt`;
    await tx.battle.create({
      data: {
        ...{ id, visitorId, idempotencyKey: uuidv7(), modelAId: a.id, modelBId: b.id },
        ...{ policyId: "uniform", propensity: 0.5, textDeletedAt: isDeleted ? new Date() : null },
        textAdmittedAt: isAdmitted ? new Date() : null,
        turns: { create: [turn(0, `replaced ${marker}`, true), turn(1, prompt, false)] },
      },
    });
    const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
    await tx.vote.create({
      data: {
        ...{ id: voteId, battleId: id, visitorId, idempotencyKey: uuidv7(), outcome: "a", turnCount: 1 },
        ...elo,
      },
    });
    await tx.voteReasons.create({ data: { voteId, reasons: [], comment: `comment ${marker}` } });
    const vote = { voteId, board: "blind" as const, modelAId: a.id, modelBId: b.id, outcome: "a" as const };
    const facts = toVoteCategory({ ...vote, turns: [{ prompt, a: "x", b: "y" }] });
    await tx.voteCategory.create({ data: facts });
    await countVote(tx, { ...vote, visitorId, categories: facts.categories });
    for (const choice of history) {
      await tx.consent.create({
        data: {
          ...{ visitorId, battleId: id, kind: "publication", version: 1 },
          ...{ isGiven: choice !== "no", hidesFinds: choice === "hide" },
        },
      });
    }
    await tx.consent.create({ data: { visitorId, kind: "privacy", isGiven: true, version: 1 } });
  });
  return { id, marker, history, hasFind, isDeleted, isAdmitted };
}

const mayBePublished = ({ history, hasFind, isDeleted, isAdmitted }: Battle) => {
  const last = history.at(-1) ?? "no";
  return !isDeleted && isAdmitted && (last === "hide" || (last === "yes" && !hasFind));
};

async function release(name: string, boards?: string[]) {
  const path = join(folder, name);
  const manifest = await withConnection(database.url, (connection) =>
    exportVotes(connection, { folder: path, release: name, boards }, new Date("2026-01-01")),
  );
  const files = await Promise.all(
    (await readdir(path)).map(async (file) => [file, await readFile(join(path, file))] as const),
  );
  return { path, manifest, files };
}

describe("texts in a release", () => {
  it("are those of battles whose visitors publish them, whatever was chosen before, and no others", async () => {
    const battles: Battle[] = [];
    for (const history of histories) {
      for (const hasFind of [false, true]) {
        for (const isDeleted of [false, true]) battles.push(await voted(history, hasFind, isDeleted));
      }
      // Not let through by the chain of moderators, or not yet.
      battles.push(await voted(history, false, false, false));
    }
    const allowed = battles.filter(mayBePublished);
    expect(allowed.length).toBeGreaterThan(10);
    const { path, manifest, files } = await release("first");
    expect(manifest.texts).toMatchObject({
      battles: allowed.length,
      leftOut: battles.filter(
        ({ history, hasFind, isDeleted }) => history.at(-1) === "yes" && hasFind && !isDeleted,
      ).length,
    });
    for (const battle of battles) {
      const holders = files.filter(([, bytes]) => bytes.includes(battle.marker)).map(([file]) => file);
      // Parquet may pack a text, so it is read below.
      expect(holders.includes("texts.jsonl"), JSON.stringify(battle)).toBe(mayBePublished(battle));
      expect(holders.filter((file) => !file.startsWith("texts."))).toEqual([]);
    }
    for (const [, bytes] of files)
      expect(bytes.toString("latin1")).not.toMatch(/bob@corp|former|replaced m|comment m/);

    const rows = (await readFile(join(path, "texts.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const parquet = await parquetReadObjects({
      file: await asyncBufferFromFile(join(path, "texts.parquet")),
    });
    expect(parquet.map((row) => ({ ...row, seq: Number(row["seq"]) }))).toEqual(rows);
    for (const { turns, hiddenFinds } of rows) {
      expect(turns).toHaveLength(1);
      expect(turns[0].a.text).toMatch(/^answer a /);
      expect(turns[0].prompt).toMatch(hiddenFinds === 0 ? / prompt$/ : / mail \[email\]$/);
    }
    const votes = (await readFile(join(path, "votes.jsonl"), "utf8")).trimEnd().split("\n");
    for (const { seq } of rows)
      expect(JSON.parse(votes[seq - 1] ?? "")).toMatchObject({ seq, board: "blind" });
    const card = await readFile(join(path, "README.md"), "utf8");
    expect(card).toContain(`answers of ${allowed.length} battles`);
    expect(card).toContain("Licence: CC-BY-4.0");

    expect((await reproduce(path)).problems).toEqual([]);
  });

  it("are gone from the next release once they are withdrawn, while votes and hashes stay", async () => {
    const before = await release("before");
    const [battle] = await database.db.consent.findMany({
      where: { isGiven: true, battle: { textDeletedAt: null, textAdmittedAt: { not: null } } },
      orderBy: { id: "desc" },
      take: 1,
    });
    if (battle?.battleId == null) throw new Error("There is a published battle.");
    const { visitorId, battleId } = battle;
    await database.db.consent.create({
      data: { visitorId, battleId, kind: "publication", isGiven: false, version: 1 },
    });
    const after = await release("after");
    expect(after.manifest.chain).toEqual(before.manifest.chain);
    expect((after.manifest.texts?.battles ?? 0) + (after.manifest.texts?.leftOut ?? 0)).toBe(
      (before.manifest.texts?.battles ?? 0) + (before.manifest.texts?.leftOut ?? 0) - 1,
    );
    expect((await reproduce(after.path)).problems).toEqual([]);
  });

  it("keep to the boards of the release", async () => {
    const { manifest } = await release("other-board", ["compare"]);
    expect(manifest.texts).toMatchObject({ battles: 0, leftOut: 0 });
  });
});
