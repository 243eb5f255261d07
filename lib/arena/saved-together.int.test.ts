import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { type Scripts, scriptedArena } from "./test-support";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.$executeRaw`CREATE TABLE statements (battles int NOT NULL)`;
  // Of each statement that appends text, how many battles it writes for.
  await database.db.$executeRawUnsafe(`CREATE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO statements SELECT count(DISTINCT turn_id) FROM changed WHERE status = 'writing' AND text <> '';
      RETURN NULL;
    END $$`);
  await database.db.$executeRaw`
    CREATE TRIGGER note AFTER UPDATE ON responses REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_statement()`;
});
afterAll(() => database.drop());

it("what the answers of several battles save at a time is one statement", async () => {
  let begin = (): void => undefined;
  const hold = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const scripts: Scripts = () => ({ hold, pieces: ["Some ", "text"], endless: true });
  const { arena } = await scriptedArena(database.db, ["heron", "stork"], scripts);
  const visitors = Array.from({ length: 3 }, () => randomUUID());
  const battles = await Promise.all(
    visitors.map((visitorId) =>
      startBattle(arena, visitorId, { prompt: "Both?", idempotencyKey: randomUUID() }),
    ),
  );
  begin();
  // They come within some milliseconds: one tick may fall between two of them, and not between each two.
  await vi.waitFor(
    async () => {
      const [row] = await database.db.$queryRaw<
        { most: number }[]
      >`SELECT max(battles) AS most FROM statements`;
      expect(row?.most).toBeGreaterThan(1);
    },
    { timeout: 10_000, interval: 50 },
  );
  for (const [index, { id }] of battles.entries()) await stopBattle(arena, visitors[index] ?? "", id, {});
});
