import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { blindBattleSchema, type OpenBattle } from "@/lib/protocol";
import { getBattle } from "./get-battle";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, gate, scriptedArena } from "./test-support";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const models = ["heron", "stork"];
const endless = (hold?: Promise<unknown>) => ({ pieces: ["so far"], endless: true, hold });

/** A battle whose two answers never end by themselves; settles when both have text. */
async function writing() {
  const opening = gate();
  const scripts = () => endless(opening.promise);
  const { arena } = await scriptedArena(database.db, models, scripts);
  const visitorId = randomUUID();
  const { id } = await startBattle(arena, visitorId, { prompt: "Long", idempotencyKey: randomUUID() });
  const live = await arena.live.open(id, visitorId);
  const begun = new Set<string>();
  const { listener, event } = firstEvent((each) => each.type === "delta" && begun.add(each.side).size === 2);
  const leave = live.subscribe(listener);
  opening.open();
  await event;
  return { arena, visitorId, id, live, leave };
}

/** What another server process, which has nothing but the rows, tells of the battle. */
async function fromRows(visitorId: string, id: string): Promise<OpenBattle> {
  const { arena } = await scriptedArena(database.db, models, () => endless());
  return blindBattleSchema.parse(await getBattle(arena, visitorId, id));
}

const stopped = (stoppedBy?: string) => {
  const side = { status: "stopped", text: "so far", ...(stoppedBy === undefined ? {} : { stoppedBy }) };
  return { turns: [{ a: side, b: side }] };
};

describe("what has stopped an answer", () => {
  it("is told as nobody's absence where its reader was away for longer than the grace time", async () => {
    // Nobody ever reads it.
    const { arena } = await scriptedArena(database.db, models, () => endless(), 0, null, 1);
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, { prompt: "Long", idempotencyKey: randomUUID() });
    const live = await arena.live.open(id, visitorId);
    await live.settled();
    const absent = { status: "stopped", stoppedBy: "absence" };
    expect(live.view().turns).toMatchObject([{ a: absent, b: absent }]);
    expect((await fromRows(visitorId, id)).turns).toMatchObject([{ a: absent, b: absent }]);
  });

  it("is told as the server's going where it had to go", async () => {
    const { arena, visitorId, id } = await writing();
    await arena.live.close(0);
    expect(await fromRows(visitorId, id)).toMatchObject(stopped("server"));
  });

  it("is left out where it was the visitor", async () => {
    const { arena, visitorId, id, leave } = await writing();
    const view = await stopBattle(arena, visitorId, id, {});
    leave();
    expect(view).toMatchObject(stopped());
    expect(view.turns[0]?.a).not.toHaveProperty("stoppedBy");
    expect((await fromRows(visitorId, id)).turns[0]?.a).not.toHaveProperty("stoppedBy");
  });
});
