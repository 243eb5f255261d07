import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { castVote } from "./cast-vote";
import { followBattle } from "./get-battle";
import { startBattle } from "./start-battle";
import { firstEvent, gate, type Scripts, scriptedArena } from "./test-support";

const models = ["falcon-secret", "osprey-secret", "kestrel-secret"];

const opened: TestDatabase[] = [];
let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  opened.push(database);
});
afterAll(async () => {
  for (const each of opened) await each.drop();
});

const ask = () => ({ prompt: "Hello?", idempotencyKey: randomUUID() });

/** Starts a battle and waits for its end. */
async function battleOf(scripts: Scripts, names: readonly string[] = models, selfDuelRate = 0) {
  const { arena, requests } = await scriptedArena(database.db, names, scripts, selfDuelRate);
  const visitorId = randomUUID();
  const { id } = await startBattle(arena, visitorId, ask());
  const live = await arena.live.open(id, visitorId);
  await live.settled();
  const include = { modelA: true, modelB: true, turns: { include: { responses: true } } } as const;
  const stored = await database.db.battle.findUniqueOrThrow({ where: { id }, include });
  return { arena, requests, visitorId, id, view: live.view(), stored };
}

/** Only the second and third model answer. Runs until the first was drawn at all, as it is in two of three battles. */
async function battleWithFailure(scripts: Scripts) {
  for (let attempt = 0; attempt < 40; attempt++) {
    const battle = await battleOf(scripts);
    if (battle.requests.some(({ model }) => model === models[0])) return battle;
  }
  throw new Error("The first model was never drawn.");
}

describe("a pair that cannot start", () => {
  it("gives way to another before anything is shown, and the new pair's chance is stored", async () => {
    const scripts: Scripts = (model) =>
      model === models[0] ? { pieces: [], refuse: "no_worker_available" } : { pieces: ["Hi."] };
    const { view, stored, arena, visitorId, id } = await battleWithFailure(scripts);
    expect(view).toMatchObject({ status: "ready", turns: [{ a: { text: "Hi." }, b: { text: "Hi." } }] });
    expect([stored.modelA.name, stored.modelB.name].sort()).toEqual([...models].slice(1).sort());
    // Two models are left: each order has one chance in two.
    expect(stored).toMatchObject({ policyId: "uniform-1", propensity: 0.5 });
    const attempts = stored.turns[0]?.responses.map(
      ({ side, attempt, status }) => `${side}${attempt} ${status}`,
    );
    expect(attempts).toHaveLength(4);
    expect(attempts).toEqual(expect.arrayContaining(["a1 finished", "b1 finished"]));
    const vote = { outcome: "a" as const, idempotencyKey: randomUUID() };
    const revealed = await castVote(arena, visitorId, id, vote);
    expect(revealed.sides.a.model.name).toBe(stored.modelA.name);
  });

  it("never lets a reader hear of the first pair", async () => {
    const open = gate();
    const scripts: Scripts = (model) =>
      model === models[0]
        ? { pieces: [], hold: open.promise, refuse: "upstream_failed" }
        : { pieces: ["Hi."], hold: open.promise };
    const { arena } = await scriptedArena(database.db, models, scripts);
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, ask());
    const { listener, event, seen } = firstEvent(({ type }) => type === "ready");
    const leave = await followBattle(arena, visitorId, id, listener);
    open.open();
    await event;
    leave();
    expect(seen.some(({ type }) => type === "failed")).toBe(false);
    expect(JSON.stringify(seen)).not.toContain("failed");
    expect(JSON.stringify(seen)).not.toContain("stopped");
  });

  it("is told as it is where no other pair is left, or the prompt itself is refused", async () => {
    const refused: Scripts = (model) =>
      model === models[0] ? { pieces: [], refuse: "no_worker_available" } : { pieces: ["Hi."] };
    const two = await battleOf(refused, models.slice(0, 2));
    expect(two.view.status).toBe("blocked");
    expect(JSON.stringify(two.view.turns[0])).toContain("Hi.");

    const tooLong = await battleOf(() => ({ pieces: [], refuse: "context_length_exceeded" }));
    expect(tooLong.view.status).toBe("blocked");
    expect(tooLong.requests).toHaveLength(2);
  });

  it("is told when every pair fails, after a few", async () => {
    const { view, requests } = await battleOf(() => ({ pieces: [], refuse: "upstream_failed" }));
    expect(view).toMatchObject({ status: "blocked", turns: [{ a: { failure: "interrupted" } }] });
    expect(requests.length).toBeLessThanOrEqual(8);
  });

  it("stays when the other side has been read", async () => {
    const open = gate();
    const scripts: Scripts = (_model) => ({ pieces: ["Seen."], endless: true, hold: open.promise });
    const { arena } = await scriptedArena(database.db, models, scripts);
    const visitorId = randomUUID();
    const { id } = await startBattle(arena, visitorId, ask());
    const { listener, event } = firstEvent(({ type }) => type === "delta");
    const leave = await followBattle(arena, visitorId, id, listener);
    open.open();
    await event;
    const live = await arena.live.open(id, visitorId);
    await live.stop();
    leave();
    expect(live.view().turns[0]?.a.text).toBe("Seen.");
  });
});

describe("a battle of a model against itself", () => {
  it("is voted on and revealed, moves no board and no Elo, and shows as the noise floor", async () => {
    const { arena, visitorId, id, stored } = await battleOf(
      () => ({ pieces: ["Hi."] }),
      models.slice(0, 2),
      1,
    );
    expect(stored.modelAId).toBe(stored.modelBId);
    expect(stored.policyId).toBe("self-1");
    const revealed = await castVote(arena, visitorId, id, { outcome: "b", idempotencyKey: randomUUID() });
    expect(revealed.sides.a.model.name).toBe(revealed.sides.b.model.name);
    expect(revealed.sides.a.elo).toEqual({ before: 1000, after: 1000 });

    const board = await arena.leaderboard.current();
    expect(board.votes).toBe(0);
    expect(board.noiseFloor).toEqual({ votes: 1, preferredA: 0, preferredB: 1 });
    expect(await database.db.boardTotal.count()).toBe(0);
    expect(await database.db.voteCategory.findMany()).toMatchObject([{ board: "self" }]);
  });
});
