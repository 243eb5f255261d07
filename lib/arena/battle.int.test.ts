import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { battleEventSchema, blindBattleSchema, type OpenBattle, revealedBattleSchema } from "@/lib/protocol";
import { castVote } from "./cast-vote";
import { continueBattle } from "./continue-battle";
import type { ArenaDeps } from "./deps";
import { followBattle, getBattle } from "./get-battle";
import { regenerateTurn } from "./regenerate-turn";
import { retrySide } from "./retry-side";
import { startBattle } from "./start-battle";
import { stopBattle } from "./stop-battle";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

const models = ["falcon-secret", "osprey-secret"];
const plain: Scripts = (_model, turn) => ({ pieces: ["An", "swer ", String(turn)] });

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const visitor = () => randomUUID();
const ask = (prompt: string) => ({ prompt, idempotencyKey: randomUUID() });
const vote = (outcome: "a" | "b" | "tie" | "both_bad") => ({ outcome, idempotencyKey: randomUUID() });

async function settled(arena: ArenaDeps, visitorId: string, battle: OpenBattle): Promise<OpenBattle> {
  const live = await arena.live.open(battle.id, visitorId);
  await live.settled();
  return live.view();
}

describe("a battle", () => {
  it("answers both sides, takes one vote, reveals, and moves the board", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const started = await startBattle(arena, visitorId, ask("What is 2 + 2?"));
    const battle = await settled(arena, visitorId, started);
    expect(battle).toMatchObject({ kind: "blind", status: "ready" });
    expect(battle.turns[0]?.a).toEqual({
      status: "finished",
      text: "Answer 0",
      isTruncated: false,
      failure: null,
    });

    const before = await arena.leaderboard.current();
    const revealed = await castVote(arena, visitorId, battle.id, vote("a"));
    expect(revealedBattleSchema.parse(revealed)).toEqual(revealed);
    expect([revealed.sides.a.model.name, revealed.sides.b.model.name].sort()).toEqual(models);
    expect(revealed.sides.a.elo).toEqual({ before: 1000, after: 1002 });
    expect(revealed.sides.b.elo).toEqual({ before: 1000, after: 998 });
    expect(revealed.sides.a.tokens).toBe(3);

    const after = await arena.leaderboard.current();
    expect(after.votes).toBe(before.votes + 1);
    expect(after.snapshotId).not.toBe(before.snapshotId);
    expect(await getBattle(arena, visitorId, battle.id)).toEqual(revealed);
  });

  it("keeps its turns, and sends each side only its own answers", async () => {
    const { arena, requests } = await scriptedArena(database.db, models, (model, turn) => ({
      pieces: [`${model.slice(0, 6)} ${turn}`],
    }));
    const visitorId = visitor();
    const first = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("One")));
    const second = await continueBattle(arena, visitorId, first.id, ask("Two"));
    const done = await settled(arena, visitorId, second);
    expect(done.turns.map((turn) => turn.prompt)).toEqual(["One", "Two"]);
    for (const request of requests.slice(2)) {
      const { messages } = JSON.parse(String(request.body)) as { messages: { content: string }[] };
      expect(messages.map((message) => message.content)).toEqual([
        "One",
        `${request.model.slice(0, 6)} 0`,
        "Two",
      ]);
    }
  });

  it("takes the same key for the same battle, even at the same moment", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const request = ask("Once");
    const battles = await Promise.all(
      Array.from({ length: 8 }, () => startBattle(arena, visitorId, request)),
    );
    expect(new Set(battles.map((battle) => battle.id)).size).toBe(1);
    await Promise.all(battles.map((battle) => settled(arena, visitorId, battle)));
    expect(await database.db.battle.count({ where: { visitorId } })).toBe(1);
  });

  it("is nobody else's", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const owner = visitor();
    const battle = await settled(arena, owner, await startBattle(arena, owner, ask("Mine")));
    const notFound = expect.objectContaining({ code: "battle_not_found" });
    await expect(getBattle(arena, visitor(), battle.id)).rejects.toEqual(notFound);
    await expect(castVote(arena, visitor(), battle.id, vote("a"))).rejects.toEqual(notFound);
    await expect(stopBattle(arena, visitor(), battle.id, {})).rejects.toEqual(notFound);
    await expect(continueBattle(arena, visitor(), battle.id, ask("Hi"))).rejects.toEqual(notFound);
  });

  it("needs two models", async () => {
    const { arena } = await scriptedArena(database.db, models.slice(0, 1), plain);
    const request = startBattle(arena, visitor(), ask("Alone"));
    await expect(request).rejects.toMatchObject({ code: "not_enough_models" });
  });
});

describe("the vote", () => {
  it("opens only when both sides have finished", async () => {
    const opening = gate();
    const scripts: Scripts = (model) => ({
      pieces: ["x"],
      hold: model === models[0] ? opening.promise : undefined,
    });
    const { arena } = await scriptedArena(database.db, models, scripts);
    const visitorId = visitor();
    const battle = await startBattle(arena, visitorId, ask("Wait"));
    await expect(castVote(arena, visitorId, battle.id, vote("tie"))).rejects.toMatchObject({
      code: "vote_not_open",
    });
    opening.open();
    await settled(arena, visitorId, battle);
    expect((await castVote(arena, visitorId, battle.id, vote("tie"))).vote.outcome).toBe("tie");
  });

  it("is one, whatever comes at the same time, and a retry gives the same answer", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Race")));
    const totalBefore = (await arena.leaderboard.current()).votes;
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => castVote(arena, visitorId, battle.id, vote("b"))),
    );
    const kept = results.filter((result) => result.status === "fulfilled");
    expect(kept).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "already_voted" });
    }
    expect(await database.db.vote.count({ where: { battleId: battle.id } })).toBe(1);
    expect((await arena.leaderboard.current()).votes).toBe(totalBefore + 1);

    const stored = await database.db.vote.findUniqueOrThrow({ where: { battleId: battle.id } });
    const retry = await castVote(arena, visitorId, battle.id, {
      outcome: "b",
      idempotencyKey: stored.idempotencyKey,
    });
    expect(retry.vote.outcome).toBe("b");
    expect((await arena.leaderboard.current()).votes).toBe(totalBefore + 1);
  });

  it("ends the battle", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("End")));
    await castVote(arena, visitorId, battle.id, vote("both_bad"));
    const closed = expect.objectContaining({ code: "battle_closed" });
    await expect(continueBattle(arena, visitorId, battle.id, ask("More"))).rejects.toEqual(closed);
    await expect(
      regenerateTurn(arena, visitorId, battle.id, { idempotencyKey: randomUUID() }),
    ).rejects.toEqual(closed);
  });

  it("never counts apart from the pair counts: their sums agree", async () => {
    const { db } = database;
    const counts = await db.pairCount.aggregate({
      where: { category: "overall" },
      _sum: { winLow: true, winHigh: true, tie: true, bothBad: true },
    });
    const { winLow, winHigh, tie, bothBad } = counts._sum;
    const total = (winLow ?? 0) + (winHigh ?? 0) + (tie ?? 0) + (bothBad ?? 0);
    expect(total).toBe(await db.vote.count());
    const totals = await db.boardTotal.findUniqueOrThrow({ where: { board: "blind" } });
    const voters = await db.vote.findMany({ distinct: ["visitorId"], select: { visitorId: true } });
    expect(totals).toMatchObject({ votes: total, voters: voters.length });
  });
});

describe("a side", () => {
  it("that breaks off fails in the same words, blocks the vote, and can be tried again", async () => {
    let attempts = 0;
    const scripts: Scripts = (model) =>
      model === models[1] && attempts++ === 0 ? { pieces: ["half"], breaksOff: true } : { pieces: ["whole"] };
    const { arena } = await scriptedArena(database.db, models, scripts);
    const visitorId = visitor();
    const broken = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Break")));
    expect(broken.status).toBe("blocked");
    const side = broken.turns[0]?.a.status === "failed" ? "a" : "b";
    expect(broken.turns[0]?.[side]).toEqual({
      status: "failed",
      text: "half",
      isTruncated: false,
      failure: "interrupted",
    });
    await expect(castVote(arena, visitorId, broken.id, vote("tie"))).rejects.toMatchObject({
      code: "vote_not_open",
    });
    await expect(
      retrySide(arena, visitorId, broken.id, { side: side === "a" ? "b" : "a" }),
    ).rejects.toMatchObject({ code: "side_not_failed" });

    const retried = await settled(arena, visitorId, await retrySide(arena, visitorId, broken.id, { side }));
    expect(retried.status).toBe("ready");
    expect(retried.turns[0]?.[side]).toMatchObject({ status: "finished", text: "whole" });
    const attemptsStored = await database.db.response.findMany({
      where: { turn: { battleId: broken.id }, side },
    });
    expect(attemptsStored.map((row) => row.text).sort()).toEqual(["half", "whole"]);
  });

  it.each([
    ["no_worker_available", "no_worker"],
    ["context_length_exceeded", "prompt_too_long"],
    ["upstream_timeout", "interrupted"],
    ["internal", "interrupted"],
  ] as const)("that is refused with %s says %s", async (refuse, failure) => {
    const { arena } = await scriptedArena(database.db, models, () => ({ pieces: [], refuse }));
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Refuse")));
    expect(battle.turns[0]?.a).toEqual({ status: "failed", text: "", isTruncated: false, failure });
  });

  it("that is stopped keeps its text and may be voted on", async () => {
    const opening = gate();
    const scripts: Scripts = () => ({ pieces: ["so far"], endless: true, hold: opening.promise });
    const { arena } = await scriptedArena(database.db, models, scripts);
    const visitorId = visitor();
    const battle = await startBattle(arena, visitorId, ask("Long"));
    const writing = firstEvent((event) => event.type === "delta" && event.side === "b");
    const leave = await followBattle(arena, visitorId, battle.id, writing.listener);
    opening.open();
    await writing.event;
    const stopped = await stopBattle(arena, visitorId, battle.id, {});
    expect(stopped.status).toBe("ready");
    expect(stopped.turns[0]?.b).toMatchObject({ status: "stopped", text: "so far" });
    expect((await castVote(arena, visitorId, battle.id, vote("b"))).vote.outcome).toBe("b");
    leave();
  });

  it("lost with its server turns into a failure when its lease ends", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Lost")));
    const turnId = battle.turns[0]?.id;
    await database.db.response.updateMany({
      where: { turnId, side: "a" },
      data: { status: "writing", leaseUntil: new Date(Date.now() - 1) },
    });
    const { arena: restarted } = await scriptedArena(database.db, models, plain);
    const found = await getBattle(restarted, visitorId, battle.id);
    expect(found).toMatchObject({
      status: "blocked",
      turns: [{ a: { status: "failed", failure: "interrupted" } }],
    });
  });
});

describe("the events of a battle", () => {
  it("re-attach without losing or doubling a character", async () => {
    const opening = gate();
    const pieces = Array.from({ length: 200 }, (_, index) => `词${index} 🙂 `);
    const { arena } = await scriptedArena(database.db, models, () => ({ pieces, hold: opening.promise }));
    const visitorId = visitor();
    const battle = await startBattle(arena, visitorId, ask("Stream"));
    const texts: Record<string, string> = {};
    const late = firstEvent((event) => event.type === "ready");
    const leave = await followBattle(arena, visitorId, battle.id, (event) => {
      expect(battleEventSchema.parse(event)).toEqual(event);
      if (event.type === "snapshot" && event.battle.kind === "blind") {
        for (const side of ["a", "b"] as const) texts[side] = event.battle.turns.at(-1)?.[side].text ?? "";
      } else if (event.type === "delta") {
        expect(event.at).toBe(texts[event.side]?.length);
        texts[event.side] += event.text;
      }
      late.listener(event);
    });
    opening.open();
    await late.event;
    leave();
    expect(texts).toEqual({ a: pieces.join(""), b: pieces.join("") });
    const stored = await getBattle(arena, visitorId, battle.id);
    expect(stored.turns[0]?.a.text).toBe(texts["a"]);
  });

  it("name no model, worker or engine before the vote", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await startBattle(arena, visitorId, ask("Blind"));
    const ready = firstEvent((event) => event.type === "ready");
    const leave = await followBattle(arena, visitorId, battle.id, ready.listener);
    const view = await settled(arena, visitorId, battle);
    const seen = JSON.stringify([...ready.seen, battle, view]);
    expect(blindBattleSchema.parse(view)).toEqual(view);
    const row = await database.db.battle.findUniqueOrThrow({
      where: { id: battle.id },
      include: { turns: { include: { responses: true } } },
    });
    const workers = row.turns.flatMap((turn) => turn.responses.map((response) => response.workerId));
    for (const secret of [
      ...models,
      row.modelAId,
      row.modelBId,
      ...workers,
      "secret",
      "worker",
      "engine",
      "llama",
    ]) {
      if (secret !== null) expect(seen).not.toContain(secret);
    }
    leave();
  });
});

describe("regenerate", () => {
  it("replaces the last turn for the same two models and keeps the old one", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Frist")));
    const request = { prompt: "First", idempotencyKey: randomUUID() };
    const again = await settled(arena, visitorId, await regenerateTurn(arena, visitorId, battle.id, request));
    expect(again.turns.map((turn) => turn.prompt)).toEqual(["First"]);
    expect(await database.db.turn.count({ where: { battleId: battle.id } })).toBe(2);
  });
});

describe("a visitor whom a moderator has stopped", () => {
  const stop = (visitorId: string, disabledAt: Date | null = new Date()) =>
    database.db.visitor.update({ where: { id: visitorId }, data: { disabledAt } });

  it("casts no vote on a battle that was open, until they are let in again", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const open = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Open")));
    await stop(visitorId);
    const before = await arena.leaderboard.current();
    const choice = vote("a");
    await expect(castVote(arena, visitorId, open.id, choice)).rejects.toMatchObject({
      ...{ code: "visitor_stopped", status: 403 },
    });
    expect((await arena.leaderboard.current()).votes).toBe(before.votes);
    expect(await database.db.vote.count({ where: { battleId: open.id } })).toBe(0);
    // Nor does anything of theirs cost a model time; what was written stays readable.
    await expect(
      regenerateTurn(arena, visitorId, open.id, { idempotencyKey: randomUUID() }),
    ).rejects.toMatchObject({ code: "visitor_stopped" });
    await expect(retrySide(arena, visitorId, open.id, { side: "a" })).rejects.toMatchObject({
      code: "visitor_stopped",
    });
    expect(await getBattle(arena, visitorId, open.id)).toMatchObject({ status: "ready" });

    await stop(visitorId, null);
    expect((await castVote(arena, visitorId, open.id, choice)).vote.outcome).toBe("a");
  });

  it("keeps the vote that was cast before, and its retry gets its answer", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = visitor();
    const battle = await settled(arena, visitorId, await startBattle(arena, visitorId, ask("Voted")));
    const choice = vote("tie");
    const revealed = await castVote(arena, visitorId, battle.id, choice);
    await stop(visitorId);
    expect(await castVote(arena, visitorId, battle.id, choice)).toEqual(revealed);
    await expect(castVote(arena, visitorId, battle.id, vote("a"))).rejects.toMatchObject({
      code: "already_voted",
    });
  });
});
