import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { mergeVisitor } from "./merge-visitor";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("what a visitor has published, and agreed to publish, becomes the account's to take back", async () => {
  const { db } = database;
  const [visitorId, userId, modelId, battleId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  await db.visitor.create({ data: { id: visitorId } });
  await db.model.create({ data: { id: modelId, name: "heron", displayName: "Heron" } });
  await db.battle.create({
    data: {
      ...{ id: battleId, visitorId, idempotencyKey: uuidv7(), modelAId: modelId, modelBId: modelId },
      ...{ policyId: "self-1", propensity: 1 },
    },
  });
  const content = { kind: "battle" };
  await db.share.create({ data: { id: uuidv7(), token: "t", visitorId, battleId, content } });
  await db.consent.createMany({
    data: [
      { visitorId, kind: "privacy", isGiven: true, version: 1 },
      { visitorId, battleId, kind: "publication", isGiven: true, version: 1 },
    ],
  });
  await mergeVisitor(db, visitorId, userId);
  expect(await db.share.findMany()).toMatchObject([{ visitorId: userId, revokedAt: null }]);
  expect(await db.consent.findMany({ orderBy: { id: "asc" } })).toMatchObject([
    { kind: "privacy", visitorId },
    { kind: "publication", visitorId: userId, battleId, isGiven: true },
  ]);
});

it("a moderator's stop goes along, and signing in from another browser does not lift it", async () => {
  const { db } = database;
  const [stoppedId, otherId, userId] = [uuidv7(), uuidv7(), uuidv7()];
  const disabledAt = new Date("2026-01-01");
  await db.visitor.createMany({ data: [{ id: stoppedId, disabledAt }, { id: otherId }] });
  const stopOf = async (id: string) => (await db.visitor.findUniqueOrThrow({ where: { id } })).disabledAt;
  await mergeVisitor(db, stoppedId, userId);
  expect(await stopOf(userId)).toEqual(disabledAt);
  await mergeVisitor(db, otherId, userId);
  expect(await stopOf(userId)).toEqual(disabledAt);
});
