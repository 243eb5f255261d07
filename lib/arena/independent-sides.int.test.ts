import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, type Scripts, scriptedArena } from "./test-support";

// A hold that does not end by itself: what is shown here is shown for a reason, not because time went by.
vi.mock("./start-hold", async (importOriginal) => {
  const { createStartHold } = await importOriginal<typeof import("./start-hold")>();
  return { createStartHold: () => createStartHold(2 ** 30) };
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe("two sides of a first turn", () => {
  it("do not wait for each other where one waits in line: the other is read to its end meanwhile", async () => {
    const never = new Promise<never>(() => undefined);
    const scripts: Scripts = (model) =>
      model === "stork" ? { pieces: [], line: { ahead: 2, until: never } } : { pieces: ["Here."] };
    const { arena } = await scriptedArena(database.db, ["heron", "stork"], scripts);
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, { prompt: "Fast?", idempotencyKey: randomUUID() });
    const live = await arena.live.open(id, visitorId);
    const { listener, event } = firstEvent(({ type }) => type === "done");
    const leave = live.subscribe(listener);
    await event;
    const [turn] = live.view().turns;
    const sides = [turn?.a, turn?.b].map((side) => `${side?.status} ${side?.ahead ?? "-"} ${side?.text}`);
    expect(sides.sort()).toEqual(["finished - Here.", "queued 2 "]);
    leave();
    await stopBattle(arena, visitorId, id, {});
  });
});
