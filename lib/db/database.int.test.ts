import { v7 as uuid } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "./embedded/free-port";
import { checkDatabase, closeDatabase, createDatabase, type Database, databaseError } from "./index";
import { createTestDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());

async function makeModel(): Promise<string> {
  const id = uuid();
  await db.model.create({ data: { id, name: id, displayName: "A model" } });
  return id;
}

async function makeBattle(modelAId: string, modelBId: string, propensity: number): Promise<void> {
  const visitor = await db.visitor.create({ data: { id: uuid() } });
  await db.battle.create({
    data: {
      id: uuid(),
      visitorId: visitor.id,
      idempotencyKey: uuid(),
      modelAId,
      modelBId,
      policyId: "uniform",
      propensity,
    },
  });
}

describe("constraints that schema.prisma cannot say", () => {
  it("a battle has two different models", async () => {
    const model = await makeModel();
    await expect(makeBattle(model, model, 0.5)).rejects.toThrow("battles_two_models_check");
  });

  it.each([0, -0.1, 1.01, Number.NaN])("a propensity of %s is refused", async (propensity) => {
    const [a, b] = [await makeModel(), await makeModel()];
    await expect(makeBattle(a, b, propensity)).rejects.toThrow();
  });

  it.each([1e-9, 1])("a propensity of %s is kept", async (propensity) => {
    await makeBattle(await makeModel(), await makeModel(), propensity);
  });

  it("a pair is counted under its smaller id first, and never below nothing", async () => {
    // UUIDv7 of one process ascend.
    const [lowId, highId] = [await makeModel(), await makeModel()];
    const pair = { board: "overall", category: "all", lowId, highId };
    await expect(db.pairCount.create({ data: { ...pair, lowId: highId, highId: lowId } })).rejects.toThrow(
      "pair_counts_order_check",
    );
    await expect(db.pairCount.create({ data: { ...pair, tie: -1 } })).rejects.toThrow(
      "pair_counts_counts_check",
    );
    await db.pairCount.create({ data: pair });
  });
});

describe("a database that cannot be reached", () => {
  it("is database_unavailable, from a query and from the check", async () => {
    const port = await findFreePort();
    const url = `postgresql://nobody:secret@127.0.0.1:${port}/nothing`;
    const lost = createDatabase(url);
    const failure = await lost.model.count().then(
      () => null,
      (error: unknown) => databaseError(error),
    );
    await closeDatabase(lost);
    expect(failure).toMatchObject({ name: "AppError", code: "database_unavailable" });
    await expect(checkDatabase(url)).rejects.toMatchObject({
      code: "database_unavailable",
      message: expect.stringMatching(new RegExp(`^The database at 127.0.0.1:${port} .*ECONNREFUSED`)),
    });
  });

  it("is told apart from a query that is wrong", async () => {
    const failure = await db.$queryRawUnsafe("SELECT nonsense").then(
      () => null,
      (error: unknown) => databaseError(error),
    );
    expect(failure).toMatchObject({ name: "PrismaClientKnownRequestError" });
  });

  it("names a wrong password without showing it", async () => {
    const url = new URL(database.url);
    url.password = "not-the-password";
    const failure = await checkDatabase(url.href).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: "database_unavailable",
      message: expect.stringContaining("password"),
    });
    expect(String(failure)).not.toContain("not-the-password");
  });

  it("passes the check when it is there", async () => {
    await checkDatabase(database.url);
  });
});
