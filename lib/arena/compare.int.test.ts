import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import {
  battleEventSchema,
  namedBattleSchema,
  type OpenBattle,
  type Outcome,
  openBattleSchema,
  revealedBattleSchema,
} from "@/lib/protocol";
import { castVote } from "./cast-vote";
import { continueBattle } from "./continue-battle";
import type { ArenaDeps } from "./deps";
import { followBattle, getBattle } from "./get-battle";
import { giveReasons } from "./give-reasons";
import { startBattle } from "./start-battle";
import { swapSides } from "./swap-sides";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

const models = ["kite", "swift"];
const chosen = { a: "kite", b: "swift" };
const named: Scripts = (model, turn) => ({ pieces: [`${model} ${turn}`] });

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const ask = (prompt: string) => ({ prompt, idempotencyKey: randomUUID() });
const vote = (outcome: Outcome) => ({ outcome, idempotencyKey: randomUUID() });

async function settled(arena: ArenaDeps, visitorId: string, battle: OpenBattle): Promise<OpenBattle> {
  const live = await arena.live.open(battle.id, visitorId);
  await live.settled();
  return live.view();
}

async function compare(arena: ArenaDeps, visitorId: string, prompt = "Compare") {
  const started = await startBattle(arena, visitorId, { ...ask(prompt), models: chosen });
  return namedBattleSchema.parse(await settled(arena, visitorId, started));
}

describe("a comparison", () => {
  it("asks the two chosen models, on the sides they were chosen for, and names them", async () => {
    const { arena } = await scriptedArena(database.db, models, named);
    const battle = await compare(arena, randomUUID());
    expect(battle.models.a.name).toBe("kite");
    expect(battle.models.b.name).toBe("swift");
    expect(battle.turns[0]?.a.text).toBe("kite 0");
    expect(battle.turns[0]?.b.text).toBe("swift 0");
  });

  it("refuses models that are not served", async () => {
    const { arena } = await scriptedArena(database.db, models, named);
    const request = { ...ask("Nobody"), models: { a: "kite", b: "dodo" } };
    await expect(startBattle(arena, randomUUID(), request)).rejects.toMatchObject({
      code: "model_not_found",
    });
  });

  it("counts its vote on its own board and leaves the blind board and Elo alone", async () => {
    const { arena } = await scriptedArena(database.db, models, named);
    const visitorId = randomUUID();
    const blind = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Blind")));
    await castVote(arena, visitorId, blind.id, vote("a"));
    const before = await arena.leaderboard.current();
    const elo = await database.db.model.findMany({ orderBy: { name: "asc" }, select: { elo: true } });

    const battle = await compare(arena, visitorId);
    const revealed = await castVote(arena, visitorId, battle.id, vote("b"));
    expect(revealedBattleSchema.parse(revealed)).toEqual(revealed);
    expect(revealed).toMatchObject({ board: "compare", isTextDeleted: false, reasons: null });
    expect(revealed.sides.a.elo.after).toBe(revealed.sides.a.elo.before);

    await arena.leaderboard.latestFit({ board: "blind", category: "overall" });
    expect(await arena.leaderboard.current()).toEqual(before);
    expect(await database.db.model.findMany({ orderBy: { name: "asc" }, select: { elo: true } })).toEqual(
      elo,
    );
    expect(await database.db.boardTotal.findUnique({ where: { board: "compare" } })).toMatchObject({
      votes: 1,
      voters: 1,
    });
    const counts = await database.db.pairCount.findMany({ where: { board: "compare", category: "overall" } });
    expect(counts).toHaveLength(1);

    // The same voter again: one voter, two votes.
    await castVote(arena, visitorId, (await compare(arena, visitorId)).id, vote("tie"));
    expect(await database.db.boardTotal.findUnique({ where: { board: "compare" } })).toMatchObject({
      votes: 2,
      voters: 1,
    });
    expect(await database.db.boardTotal.findUnique({ where: { board: "blind" } })).toMatchObject({
      votes: 1,
      voters: 1,
    });
  });

  it("exchanges its sides with their answers, and each model goes on from its own", async () => {
    const { arena, requests } = await scriptedArena(database.db, models, named);
    const visitorId = randomUUID();
    const battle = await compare(arena, visitorId, "One");
    const swapped = namedBattleSchema.parse(await swapSides(arena, visitorId, battle.id));
    expect(swapped.models).toEqual({ a: battle.models.b, b: battle.models.a });
    expect(swapped.turns[0]).toMatchObject({ a: { text: "swift 0" }, b: { text: "kite 0" } });

    const next = await settled(
      arena,
      visitorId,
      await continueBattle(arena, visitorId, battle.id, ask("Two")),
    );
    expect(next.turns[1]).toMatchObject({ a: { text: "swift 1" }, b: { text: "kite 1" } });
    for (const request of requests.slice(2)) {
      expect(String(request.body)).toContain(`${request.model} 0`);
    }
    const ballot = { ...vote("a"), turnId: next.turns[1]?.id, models: { a: "swift", b: "kite" } };
    // A window that shows the sides as they were would vote for the wrong model.
    const outdated = { ...ballot, models: { a: "kite", b: "swift" } };
    await expect(castVote(arena, visitorId, battle.id, outdated)).rejects.toMatchObject({
      ...{ code: "vote_outdated" },
    });
    const revealed = await castVote(arena, visitorId, battle.id, ballot);
    expect(revealed.sides.a.model.name).toBe("swift");
    await expect(swapSides(arena, visitorId, battle.id)).rejects.toMatchObject({ code: "battle_closed" });
  });

  it("is not swapped while it is answered, and a blind battle never", async () => {
    const opening = gate();
    const { arena } = await scriptedArena(database.db, models, () => ({
      pieces: ["x"],
      hold: opening.promise,
    }));
    const visitorId = randomUUID();
    const running = await startBattle(arena, visitorId, { ...ask("Wait"), models: chosen });
    await expect(swapSides(arena, visitorId, running.id)).rejects.toMatchObject({ code: "battle_busy" });
    opening.open();
    await settled(arena, visitorId, running);
    const blind = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Blind")));
    await expect(swapSides(arena, visitorId, blind.id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the reasons of a vote", () => {
  it("come after it, replace one another, and are nobody else's to give", async () => {
    const { arena } = await scriptedArena(database.db, models, named);
    const visitorId = randomUUID();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Why")));
    const first = { reasons: ["clarity" as const], comment: "" };
    await expect(giveReasons(arena, visitorId, battle.id, first)).rejects.toMatchObject({
      code: "vote_not_open",
    });
    await castVote(arena, visitorId, battle.id, vote("a"));
    await expect(giveReasons(arena, randomUUID(), battle.id, first)).rejects.toMatchObject({
      code: "battle_not_found",
    });
    expect(await giveReasons(arena, visitorId, battle.id, first)).toEqual(first);
    const second = { reasons: ["accuracy" as const, "length" as const], comment: "Short and right." };
    await giveReasons(arena, visitorId, battle.id, second);
    expect(await getBattle(arena, visitorId, battle.id)).toMatchObject({ reasons: second });
  });
});

describe("the line", () => {
  it("tells how many go first, without a name, until the side writes", async () => {
    const { arena, requests } = await scriptedArena(database.db, models, named);
    const visitorId = randomUUID();
    const { dispatch } = arena.controller;
    const free = gate();
    arena.controller.dispatch = async (request) => {
      request.onQueued?.(2);
      request.onQueued?.(1);
      await free.promise;
      return dispatch(request);
    };
    const ready = firstEvent((event) => event.type === "ready");
    const battle = await startBattle(arena, visitorId, ask("Wait in line"));
    expect(openBattleSchema.parse(battle)).toEqual(battle);
    expect(battle.turns[0]?.a.ahead).toBe(1);
    const leave = await followBattle(arena, visitorId, battle.id, ready.listener);
    free.open();
    await ready.event;
    leave();
    expect(ready.seen.map((event) => battleEventSchema.parse(event))).toEqual(ready.seen);
    expect(JSON.stringify(ready.seen)).not.toMatch(/kite"|swift"/);
    expect((await settled(arena, visitorId, battle)).turns[0]?.a).not.toHaveProperty("ahead");
    expect(requests).toHaveLength(2);
  });
});
