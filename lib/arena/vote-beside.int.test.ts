import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { castVote } from "./cast-vote";
import { startBattle } from "./start-battle";
import { scriptedArena } from "./test-support";

const models = ["falcon-secret", "osprey-secret"];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Begins battles and waits until their votes are open. */
async function battles() {
  const { arena } = await scriptedArena(database.db, models, () => ({ pieces: ["Answer"] }));
  const ready = async () => {
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, { prompt: "One", idempotencyKey: randomUUID() });
    await (await arena.live.open(id, visitorId)).settled();
    const vote = () => castVote(arena, visitorId, id, { outcome: "a", idempotencyKey: randomUUID() });
    return { id, vote };
  };
  return { ready };
}

describe("a vote", () => {
  it("waits for nobody whose battle of the same models, or word on this one, is being stored", async () => {
    const { ready } = await battles();
    const { id, vote } = await ready();
    const battle = await database.db.battle.findUniqueOrThrow({ where: { id } });
    await database.db.$transaction(async (tx) => {
      // What refers to a row holds it until the end of its transaction.
      await tx.battle.create({ data: { ...battle, id: randomUUID(), idempotencyKey: randomUUID() } });
      const consent = {
        visitorId: battle.visitorId,
        battleId: id,
        kind: "publication",
        isGiven: true,
      } as const;
      await tx.consent.create({ data: { ...consent, version: 1 } });
      expect((await vote()).vote.outcome).toBe("a");
    });
  });

  it("of a crowd that votes and begins battles at the same time is lost to nobody", async () => {
    const { ready } = await battles();
    const open = await Promise.all(Array.from({ length: 20 }, ready));
    const [votes, begun] = await Promise.all([
      Promise.allSettled(open.map(({ vote }) => vote())),
      Promise.allSettled(Array.from({ length: 20 }, ready)),
    ]);
    expect([...votes, ...begun].filter(({ status }) => status === "rejected")).toEqual([]);
  });
});
