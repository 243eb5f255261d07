import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVisitorCookies } from "@/lib/accounts";
import { arenaRoutes } from "@/lib/arena";
import { scriptedArena } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { isAppError } from "@/lib/errors";
import {
  battleViewSchema,
  blindBattleSchema,
  deletedTextsSchema,
  type Outcome,
  personalBoardSchema,
  historySchema as schema,
} from "@/lib/protocol";
import { historyRoutes } from "./routes";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** A visitor's browser over the real routes, database and scripted models. */
async function visit(models = ["heron", "stork"], endless = false) {
  const { arena } = await scriptedArena(database.db, models, (model) => ({
    pieces: [`An answer of ${model === "heron" ? "one" : "another"}.`],
    endless,
  }));
  const visitors = createVisitorCookies({ secret: "s".repeat(32), isSecure: false });
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!isAppError(error)) throw error;
    return reply.status(error.status).send({ error: { code: error.code } });
  });
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(historyRoutes, { history: { db: database.db, live: arena.live }, visitors });
  const { visitorId, setCookie } = visitors.create();
  const cookie = setCookie.split(";")[0] ?? "";
  async function call(method: "GET" | "POST" | "DELETE", url: string, payload?: object) {
    const response = await app.inject({ method, url, payload, headers: { cookie } });
    return { status: response.statusCode, body: response.json() as unknown };
  }
  return {
    arena,
    visitorId,
    call,
    async ask(prompt: string, chosen?: { a: string; b: string }) {
      const request = { prompt, idempotencyKey: randomUUID(), ...(chosen && { models: chosen }) };
      const { body } = await call("POST", "/api/battles", request);
      const battle = battleViewSchema.parse(body);
      if (!endless) await (await arena.live.open(battle.id, visitorId)).settled();
      return battle.id;
    },
    vote: (id: string, outcome: Outcome, turnId?: string) =>
      call("POST", `/api/battles/${id}/vote`, { outcome, turnId, idempotencyKey: randomUUID() }),
    list: async (query = "") => schema.parse((await call("GET", `/api/history${query}`)).body),
  };
}

describe("the history", () => {
  it("lists the visitor's own battles, newest first, by vote, model and text", async () => {
    const me = await visit();
    const first = await me.ask("Why is the sky blue? 100% sure");
    const second = await me.ask("Translate: good morning");
    await me.vote(second, "b");
    await (await visit()).ask("Somebody else's");

    const all = await me.list();
    expect(all.entries.map(({ id }) => id)).toEqual([second, first]);
    expect(all.entries[0]).toMatchObject({ outcome: "b", turnCount: 1, isTextDeleted: false });
    expect((await me.list("?filter=voted")).entries.map(({ id }) => id)).toEqual([second]);
    expect((await me.list("?filter=unvoted")).entries.map(({ id }) => id)).toEqual([first]);
    expect((await me.list("?query=SKY")).entries.map(({ id }) => id)).toEqual([first]);
    expect((await me.list("?query=100%25%20s")).entries.map(({ id }) => id)).toEqual([first]);
    expect((await me.list("?query=answer")).entries).toHaveLength(2);
    expect((await me.list("?query=%25_%25")).entries).toEqual([]);
  });

  it("names no model of an open blind battle, not even through its filter", async () => {
    const me = await visit();
    await me.ask("Blind");
    const all = await me.call("GET", "/api/history");
    expect(all.body).toMatchObject({ models: [] });
    expect(JSON.stringify(all.body)).not.toMatch(/heron|stork/i);
    for (const model of ["heron", "stork"]) expect((await me.list(`?model=${model}`)).entries).toEqual([]);
    const named = await me.ask("Named", { a: "stork", b: "heron" });
    expect((await me.list("?model=heron")).entries).toMatchObject([
      { id: named, kind: "compare", models: { a: { name: "stork" } } },
    ]);
  });

  it("comes in pages", async () => {
    const me = await visit();
    const ids: string[] = [];
    for (let count = 0; count < 41; count += 1) ids.unshift(await me.ask(`Prompt ${count}`));
    const page = await me.list();
    expect(page.entries).toHaveLength(40);
    const rest = await me.list(`?cursor=${page.nextCursor}`);
    expect([...page.entries, ...rest.entries].map(({ id }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBeNull();
  });
});

describe("deleting", () => {
  it("removes every text and keeps the vote with its counts", async () => {
    const me = await visit();
    const voted = await me.ask("My secret prompt");
    await me.call("POST", `/api/battles/${voted}/regenerate`, {
      prompt: "My second secret",
      idempotencyKey: randomUUID(),
    });
    const live = await me.arena.live.open(voted, me.visitorId);
    await live.settled();
    await me.vote(voted, "a", live.view().turns.at(-1)?.id);
    await me.call("POST", `/api/battles/${voted}/reasons`, { reasons: ["clarity"], comment: "A secret" });
    const open = await me.ask("An open secret");
    const before = await database.db.pairCount.findMany({ where: { board: "blind" } });

    expect(deletedTextsSchema.parse((await me.call("DELETE", "/api/history")).body)).toEqual({ battles: 2 });
    const rows = await database.db.battle.findMany({
      where: { visitorId: me.visitorId },
      include: { turns: { include: { responses: true } }, vote: { include: { reasons: true } } },
    });
    expect(JSON.stringify(rows)).not.toMatch(/secret|answer of/i);
    expect(rows.find(({ id }) => id === voted)?.vote).toMatchObject({
      outcome: "a",
      reasons: { reasons: ["clarity"], comment: "" },
    });
    expect(await database.db.pairCount.findMany({ where: { board: "blind" } })).toEqual(before);

    const { entries } = await me.list();
    expect(entries).toMatchObject([{ id: voted, isTextDeleted: true, prompt: "", outcome: "a" }]);
    expect((await me.call("GET", `/api/battles/${voted}`)).body).toMatchObject({ isTextDeleted: true });
    expect((await me.call("GET", `/api/battles/${open}`)).status).toBe(404);
    expect((await me.vote(open, "a")).status).toBe(409);
    expect((await me.call("DELETE", `/api/history/${voted}`)).body).toEqual({ battles: 0 });
  });

  it("stops an answer that is being written, and it does not come back", async () => {
    const me = await visit(["heron", "stork"], true);
    const id = await me.ask("Write for ever");
    await me.call("DELETE", `/api/history/${id}`);
    await (await me.arena.live.peek(id))?.settled();
    const responses = await database.db.response.findMany({ where: { turn: { battleId: id } } });
    for (const { text, status } of responses)
      expect({ text, status }).toEqual({ text: "", status: "stopped" });
  });

  it("is for the owner alone", async () => {
    const me = await visit();
    const id = await me.ask("Mine");
    const other = await visit();
    expect((await other.call("DELETE", `/api/history/${id}`)).status).toBe(404);
    expect((await other.call("DELETE", "/api/history")).body).toEqual({ battles: 0 });
    const { body } = await me.call("GET", `/api/battles/${id}`);
    expect(blindBattleSchema.parse(body).turns[0]?.prompt).toBe("Mine");
  });
});

describe("the personal board", () => {
  it("is made of the visitor's own blind votes alone, and says why a model has no score", async () => {
    const me = await visit();
    const board = async () => personalBoardSchema.parse((await me.call("GET", "/api/history/board")).body);
    expect(await board()).toEqual({ votes: 0, rows: [] });

    const named = await me.ask("Named", { a: "heron", b: "stork" });
    await me.vote(named, "a");
    expect((await board()).votes).toBe(0);

    await me.vote(await me.ask("One"), "tie");
    const one = await board();
    expect(one.votes).toBe(1);
    expect(one.rows).toHaveLength(2);
    for (const row of one.rows) expect(row.rating).toMatchObject({ isPreliminary: true });
    const [row] = one.rows;
    expect((row?.rating?.upper ?? 0) - (row?.rating?.lower ?? 0)).toBeGreaterThan(100);
  });

  it("gives no score to a model that has only won", async () => {
    const me = await visit();
    await me.vote(await me.ask("One"), "a");
    const { body } = await me.call("GET", "/api/history/board");
    const reasons = personalBoardSchema.parse(body).rows.map((row) => row.unratedReason);
    expect(reasons.sort()).toEqual(["only_losses", "only_wins"]);
  });
});
