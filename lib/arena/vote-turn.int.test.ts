import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { OpenBattle } from "@/lib/protocol";
import { castVote } from "./cast-vote";
import { continueBattle } from "./continue-battle";
import type { ArenaDeps } from "./deps";
import { regenerateTurn } from "./regenerate-turn";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

const models = ["falcon-secret", "osprey-secret"];
const plain: Scripts = (_model, turn) => ({ pieces: [`Answer ${turn}`] });

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const ask = (prompt: string) => ({ prompt, idempotencyKey: randomUUID() });
const voteOn = (turnId: string | undefined) => ({
  outcome: "a" as const,
  idempotencyKey: randomUUID(),
  ...(turnId === undefined ? {} : { turnId }),
});

async function settled(arena: ArenaDeps, visitorId: string, { id }: OpenBattle): Promise<OpenBattle> {
  const live = await arena.live.open(id, visitorId);
  await live.settled();
  return live.view();
}

/** A battle that was answered, then gone on with. */
async function goneOn(further: (arena: ArenaDeps, visitorId: string, id: string) => Promise<OpenBattle>) {
  const { arena } = await scriptedArena(database.db, models, plain);
  const visitorId = randomUUID();
  const first = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("One")));
  const last = await settled(arena, visitorId, await further(arena, visitorId, first.id));
  const cast = (turnId: string | undefined) => castVote(arena, visitorId, first.id, voteOn(turnId));
  return { cast, id: first.id, seen: first.turns.at(-1)?.id, last: last.turns.at(-1)?.id };
}

describe("what is to be said next in a battle", () => {
  it("is read by moderators for its visitor alone, and while it can still be said", async () => {
    const read: string[] = [];
    const moderation = {
      admit: async ({ text }: { text: string }) => void read.push(text),
      review: () => undefined,
    };
    const { arena } = await scriptedArena(database.db, models, plain);
    const watched = { ...arena, moderation };
    const visitorId = randomUUID();
    const { id, turns } = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("One")));
    const notFound = { code: "battle_not_found" };
    await expect(continueBattle(watched, randomUUID(), id, ask("Two"))).rejects.toMatchObject(notFound);
    await expect(regenerateTurn(watched, randomUUID(), id, ask("Two"))).rejects.toMatchObject(notFound);
    expect(read).toEqual([]);

    const next = await settled(arena, visitorId, await continueBattle(watched, visitorId, id, ask("Two")));
    const last = await settled(arena, visitorId, await regenerateTurn(watched, visitorId, id, ask("Three")));
    expect(read).toEqual(["Two", "Three"]);
    expect([turns, next.turns, last.turns].map(({ length }) => length)).toEqual([1, 2, 2]);

    await castVote(arena, visitorId, id, voteOn(last.turns.at(-1)?.id));
    const closed = { code: "battle_closed" };
    await expect(continueBattle(watched, visitorId, id, ask("Four"))).rejects.toMatchObject(closed);
    await expect(regenerateTurn(watched, visitorId, id, ask("Four"))).rejects.toMatchObject(closed);
    expect(read).toEqual(["Two", "Three"]);
  });
});

const votesOf = (battleId: string) => database.db.vote.count({ where: { battleId } });

describe("a vote on a battle that has gone on", () => {
  it("is refused where it judges an earlier turn, and taken on the last", async () => {
    const { cast, id, seen, last } = await goneOn((arena, visitorId, battleId) =>
      continueBattle(arena, visitorId, battleId, ask("Two")),
    );
    await expect(cast(seen)).rejects.toMatchObject({ code: "vote_outdated" });
    await expect(cast(randomUUID())).rejects.toMatchObject({ code: "vote_outdated" });
    await expect(cast(undefined)).rejects.toMatchObject({ code: "vote_outdated" });
    expect(await votesOf(id)).toBe(0);
    expect((await cast(last)).vote.outcome).toBe("a");
  });

  it("is refused where another turn took the place of the one that it judges", async () => {
    const { cast, id, seen, last } = await goneOn((arena, visitorId, battleId) =>
      regenerateTurn(arena, visitorId, battleId, ask("One, mended")),
    );
    await expect(cast(seen)).rejects.toMatchObject({ code: "vote_outdated" });
    await expect(cast(undefined)).rejects.toMatchObject({ code: "vote_outdated" });
    expect(await votesOf(id)).toBe(0);
    expect((await cast(last)).vote.outcome).toBe("a");
  });

  it("needs no turn where there was only one", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = randomUUID();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("One")));
    expect((await castVote(arena, visitorId, battle.id, voteOn(undefined))).vote.outcome).toBe("a");
  });
});

describe("a vote on answers without a text", () => {
  it("is refused where both were stopped before their first word, and moves no board", async () => {
    const { arena } = await scriptedArena(database.db, models, () => ({ pieces: [], endless: true }));
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, ask("Stop at once"));
    const stopped = await stopBattle(arena, visitorId, id, {});
    expect(stopped).toMatchObject({
      status: "ready",
      turns: [{ a: { status: "stopped", text: "" }, b: { status: "stopped", text: "" } }],
    });
    const before = await arena.leaderboard.current();
    const vote = castVote(arena, visitorId, id, voteOn(stopped.turns[0]?.id));
    await expect(vote).rejects.toMatchObject({ code: "nothing_to_compare", status: 409 });
    expect(await votesOf(id)).toBe(0);
    expect((await arena.leaderboard.current()).votes).toBe(before.votes);
    // The battle goes on all the same.
    expect((await continueBattle(arena, visitorId, id, ask("Again"))).turns).toHaveLength(2);
    await stopBattle(arena, visitorId, id, {});
  });

  it("is refused where only one side had begun when both were stopped", async () => {
    const opening = gate();
    const { arena } = await scriptedArena(database.db, models, (model) => ({
      pieces: model === models[0] ? ["So far"] : [],
      hold: opening.promise,
      endless: true,
    }));
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, ask("Too early"));
    const writing = firstEvent(({ type }) => type === "delta");
    const live = await arena.live.open(id, visitorId);
    const leave = live.subscribe(writing.listener);
    opening.open();
    await writing.event;
    const stopped = await stopBattle(arena, visitorId, id, {});
    leave();
    await expect(castVote(arena, visitorId, id, voteOn(stopped.turns[0]?.id))).rejects.toMatchObject({
      code: "nothing_to_compare",
    });
  });

  it("is taken where one model had nothing to say: that is an answer", async () => {
    const { arena } = await scriptedArena(database.db, models, (model) => ({
      pieces: model === models[0] ? ["Something"] : [],
    }));
    const visitorId = randomUUID();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Speak")));
    expect((await castVote(arena, visitorId, battle.id, voteOn(battle.turns[0]?.id))).vote.outcome).toBe("a");
  });
});
