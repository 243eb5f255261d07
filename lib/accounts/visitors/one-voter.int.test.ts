import { Client } from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { insertVotes } from "@/lib/leaderboard/test-support";
import { excludeVotes, reverseExclusion } from "@/lib/trust";
import { appendChain, verifyChain } from "@/lib/votes";
import { mergeVisitor } from "./merge-visitor";

let database: TestDatabase;
let connection: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  connection = new Client({ connectionString: database.url });
  await connection.connect();
});
afterAll(async () => {
  await connection.end();
  await database.drop();
});

const actor = { kind: "cli", label: "tests" } as const;
const note = "looked at by hand";

it("counts the visitors of one account as one voter: after a merge, an exclusion and its reversal", async () => {
  const { db } = database;
  await insertVotes(db, { models: 4, votes: 240 });
  await appendChain(connection);
  const visitors = await db.visitor.findMany({ orderBy: { id: "asc" }, select: { id: true } });
  const [first, second] = visitors.map(({ id }) => id) as [string, string];
  const userId = uuidv7();
  await db.user.create({ data: { id: userId, email: "one@voter.test", name: "One" } });
  const votersAre = async (expected: number) => {
    expect(await db.boardTotal.findFirst({ where: { board: "blind" } })).toMatchObject({ voters: expected });
    // What the totals say is what the votes say, and the merge broke no link of the chain.
    expect((await verifyChain(connection)).problems).toEqual([]);
  };

  await votersAre(30);
  await mergeVisitor(db, first, userId);
  await votersAre(30);
  await mergeVisitor(db, second, userId);
  await votersAre(29);

  const ofFirst = await excludeVotes(db, actor, { visitorId: first, note });
  await votersAre(29);
  const ofSecond = await excludeVotes(db, actor, { visitorId: second, note });
  await votersAre(28);
  await reverseExclusion(db, actor, { actId: ofSecond.actIds[0] ?? "", note });
  await votersAre(29);
  await reverseExclusion(db, actor, { actId: ofFirst.actIds[0] ?? "", note });
  await votersAre(29);
});

it("does not count a voter twice away when votes that do not count are merged", async () => {
  const { db } = database;
  const visitors = await db.visitor.findMany({
    where: { mergedIntoId: null, votes: { some: {} } },
    orderBy: { id: "desc" },
    select: { id: true },
  });
  const [first, second] = visitors.map(({ id }) => id) as [string, string];
  const userId = uuidv7();
  await db.user.create({ data: { id: userId, email: "two@voter.test", name: "Two" } });
  await excludeVotes(db, actor, { visitorId: second, note });
  await mergeVisitor(db, first, userId);
  await mergeVisitor(db, second, userId);
  expect(await db.boardTotal.findFirst({ where: { board: "blind" } })).toMatchObject({ voters: 28 });
  expect((await verifyChain(connection)).problems).toEqual([]);
});
