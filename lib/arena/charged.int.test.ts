import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { continueBattle } from "./continue-battle";
import type { ArenaDeps } from "./deps";
import { regenerateTurn } from "./regenerate-turn";
import { retrySide } from "./retry-side";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const pair = ["heron", "stork"];
const ask = () => ({ prompt: "Long", idempotencyKey: randomUUID() });

/** Whom a request charges, and what it was charged. */
function payer() {
  const charged: number[] = [];
  return { charged, charge: (used: number) => void charged.push(used) };
}

const settled = async (arena: ArenaDeps, visitorId: string, id: string) => {
  const live = await arena.live.open(id, visitorId);
  await live.settled();
  return live.view();
};

const ascending = (amounts: readonly number[]) => [...amounts].sort((x, y) => x - y);

/** What the battle's answers have used, those that have used anything. */
async function stored(battleId: string): Promise<number[]> {
  const where = { turn: { battleId }, tokensUsed: { gt: 0 } };
  const rows = await database.db.response.findMany({ where, orderBy: { tokensUsed: "asc" } });
  return rows.map(({ tokensUsed }) => tokensUsed ?? 0);
}

describe("the tokens of a battle", () => {
  it("are charged once, to the request that asked for the answer", async () => {
    // Each answer is longer than the one before.
    const pieces: string[] = [];
    const { arena } = await scriptedArena(database.db, pair, () => {
      pieces.push("so ");
      return { pieces: [...pieces] };
    });
    const visitorId = randomUUID();
    const [first, again, second, third] = [payer(), payer(), payer(), payer()];
    const opening = ask();
    const { id } = await startBattle(arena, visitorId, opening, first.charge);
    await startBattle(arena, visitorId, opening, again.charge);
    await settled(arena, visitorId, id);
    const followUp = ask();
    await continueBattle(arena, visitorId, id, followUp, second.charge);
    await settled(arena, visitorId, id);
    await continueBattle(arena, visitorId, id, followUp, again.charge);
    const anew = { idempotencyKey: randomUUID() };
    await regenerateTurn(arena, visitorId, id, anew, third.charge);
    await settled(arena, visitorId, id);
    await regenerateTurn(arena, visitorId, id, anew, again.charge);
    await settled(arena, visitorId, id);

    // The worker tells three tokens for each prompt.
    expect(ascending(first.charged)).toEqual([4, 5]);
    expect(ascending(second.charged)).toEqual([6, 7]);
    expect(ascending(third.charged)).toEqual([8, 9]);
    expect(again.charged).toEqual([]);
    expect(await stored(id)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it("are not charged where nothing was generated, and are where the side is tried again", async () => {
    let isAway = true;
    const { arena } = await scriptedArena(database.db, pair, (model) =>
      model === "heron" && isAway ? { pieces: [], refuse: "no_worker_available" } : { pieces: ["Hi."] },
    );
    const visitorId = randomUUID();
    const [first, second] = [payer(), payer()];
    const { id } = await startBattle(arena, visitorId, ask(), first.charge);
    const [turn] = (await settled(arena, visitorId, id)).turns;
    expect(first.charged).toEqual([4]);

    isAway = false;
    const side = turn?.a.status === "failed" ? "a" : "b";
    await retrySide(arena, visitorId, id, { side }, second.charge);
    expect((await settled(arena, visitorId, id)).status).toBe("ready");
    expect([first.charged, second.charged]).toEqual([[4], [4]]);
  });

  it("are charged by what they are estimated at where an answer is cut off", async () => {
    const opening = gate();
    const scripts: Scripts = () => ({ pieces: ["so far"], endless: true, hold: opening.promise });
    const { arena } = await scriptedArena(database.db, pair, scripts);
    const visitorId = randomUUID();
    const { charged, charge } = payer();
    const { id } = await startBattle(arena, visitorId, ask(), charge);
    const live = await arena.live.open(id, visitorId);
    const begun = new Set<string>();
    const { listener, event } = firstEvent(
      (each) => each.type === "delta" && begun.add(each.side).size === 2,
    );
    const leave = live.subscribe(listener);
    opening.open();
    await event;
    expect(charged).toEqual([]);
    await stopBattle(arena, visitorId, id, {});
    leave();
    // A token for four characters: one of the prompt, two of the text.
    expect(charged).toEqual([3, 3]);
    expect(await stored(id)).toEqual([3, 3]);
  });

  it("are charged of a pair too that has taken the place of one that could not start", async () => {
    const scripts: Scripts = (model) =>
      model === "heron" ? { pieces: [], refuse: "no_worker_available" } : { pieces: ["Hi."] };
    const { arena, requests } = await scriptedArena(database.db, [...pair, "crane"], scripts);
    const visitorId = randomUUID();
    // Until the one that cannot start was drawn, as it is in two of three battles.
    for (let attempt = 0; attempt < 40; attempt++) {
      const { charged, charge } = payer();
      const { id } = await startBattle(arena, visitorId, ask(), charge);
      expect((await settled(arena, visitorId, id)).status).toBe("ready");
      expect(charged.length).toBeGreaterThanOrEqual(2);
      expect(ascending(charged)).toEqual(await stored(id));
      if (requests.some(({ model }) => model === "heron")) return;
    }
    throw new Error("The model that cannot start was never drawn.");
  });
});
