import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVisitors } from "@/lib/accounts";
import { newEmail, signInServer, testBrowser, testPassword } from "@/lib/accounts/test-support";
import { arenaRoutes } from "@/lib/arena";
import { scriptedArena } from "@/lib/arena/test-support";
import { chatRoutes } from "@/lib/chat";
import { scriptedChat } from "@/lib/chat/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { handleApiError } from "@/lib/http";
import {
  battleViewSchema,
  conversationListSchema,
  conversationViewSchema,
  historySchema,
  personalBoardSchema,
} from "@/lib/protocol";
import { historyRoutes } from "./routes";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A site with battles, chats, the history and accounts. */
async function site() {
  const { db } = database;
  const accounts = await signInServer(db);
  const scripts = () => ({ pieces: ["An answer."] });
  const { arena } = await scriptedArena(db, ["heron", "stork"], scripts);
  const { chat } = await scriptedChat(db, ["heron", "stork"], scripts, 60_000);
  const visitors = createVisitors(accounts.visitors, accounts.sessions);
  const app = Fastify();
  app.setErrorHandler(handleApiError);
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(chatRoutes, { chat, visitors });
  await app.register(historyRoutes, { history: { db, live: arena.live }, visitors });

  /** A browser over both: its cookies are those of the sign-in. */
  return () => {
    const browser = testBrowser(accounts);
    async function call(method: "GET" | "POST", url: string, payload?: object) {
      const response = await app.inject({ method, url, payload, headers: { cookie: browser.header() } });
      for (const line of [response.headers["set-cookie"] ?? []].flat()) browser.keep(line);
      return { status: response.statusCode, body: response.json() as unknown };
    }
    return {
      ...browser,
      call,
      async ask(prompt: string) {
        const { body } = await call("POST", "/api/battles", { prompt, idempotencyKey: randomUUID() });
        const { id } = battleViewSchema.parse(body);
        await (await arena.live.peek(id))?.settled();
        return id;
      },
      vote: (id: string) =>
        call("POST", `/api/battles/${id}/vote`, { outcome: "a", idempotencyKey: randomUUID() }),
      async chatWith(text: string) {
        const settings = { systemPrompt: "", parameters: {}, idempotencyKey: randomUUID() };
        const { body } = await call("POST", "/api/chat/conversations", { model: "heron", text, ...settings });
        const { id } = conversationViewSchema.parse(body);
        await (await chat.live.peek(id))?.settled();
        return id;
      },
      prompts: async () =>
        historySchema.parse((await call("GET", "/api/history")).body).entries.map(({ prompt }) => prompt),
      titles: async () =>
        conversationListSchema
          .parse((await call("GET", "/api/chat/conversations")).body)
          .conversations.map(({ title }) => title),
    };
  };
}

const voters = async () => {
  const totals = await database.db.boardTotal.findUnique({ where: { board: "blind" } });
  return { votes: totals?.votes ?? 0, voters: totals?.voters ?? 0 };
};

describe("what a visitor did", () => {
  it("goes into the account at the sign-up and at each sign-in, and is one voter's", async () => {
    const open = await site();
    const laptop = open();
    const voted = await laptop.ask("On the laptop");
    await laptop.vote(voted);
    await laptop.chatWith("A chat on the laptop");
    const running = await laptop.ask("Not voted on yet");
    const email = await laptop.signUp();
    expect(await laptop.prompts()).toEqual(["Not voted on yet", "On the laptop"]);
    expect(await laptop.titles()).toEqual(["A chat on the laptop"]);
    // Also while it is in memory under the visitor's name.
    expect((await laptop.vote(running)).status).toBe(200);
    expect(await voters()).toEqual({ votes: 2, voters: 1 });

    const phone = open();
    await phone.vote(await phone.ask("On the phone"));
    await phone.chatWith("A chat on the phone");
    expect(await voters()).toEqual({ votes: 3, voters: 2 });
    await phone.signIn(email);
    expect(await voters()).toEqual({ votes: 3, voters: 1 });
    for (const browser of [phone, laptop]) {
      expect(await browser.prompts()).toEqual(["On the phone", "Not voted on yet", "On the laptop"]);
      expect(await browser.titles()).toEqual(["A chat on the phone", "A chat on the laptop"]);
    }
    const board = personalBoardSchema.parse((await phone.call("GET", "/api/history/board")).body);
    expect(board.votes).toBe(3);
    await phone.vote(await phone.ask("One more"));
    expect(await voters()).toEqual({ votes: 4, voters: 1 });
    const { id } = (await phone.user()) ?? { id: "" };
    const all = await database.db.vote.findMany({ include: { visitor: true } });
    expect(new Set(all.map(({ visitor }) => visitor.mergedIntoId ?? visitor.id))).toEqual(new Set([id]));
  });

  it("is out of sight once one has signed out, here and with a cookie that was kept", async () => {
    const open = await site();
    const me = open();
    const id = await me.ask("Private");
    const asVisitor = me.header();
    const email = await me.signUp();
    const asUser = me.header();
    await me.post("/api/auth/sign-out");
    expect(await me.prompts()).toEqual([]);
    await me.ask("Somebody else at this machine");
    expect(await me.prompts()).toEqual(["Somebody else at this machine"]);
    for (const cookie of [asVisitor, asUser]) {
      const thief = open();
      for (const pair of cookie.split("; ")) thief.keep(pair);
      expect(await thief.prompts()).toEqual([]);
      expect((await thief.call("GET", `/api/battles/${id}`)).status).toBe(404);
    }
    await me.signIn(email);
    expect(await me.prompts()).toEqual(["Somebody else at this machine", "Private"]);
  });

  it("does not change hands when another account signs in where one is signed in", async () => {
    const open = await site();
    const me = open();
    await me.ask("Of the first");
    await me.signUp();
    await me.ask("Of the first, signed in");
    const other = await me.post("/api/auth/sign-up", {
      ...{ email: newEmail(), name: "Second", password: testPassword },
    });
    expect(other.status).toBe(201);
    expect(await me.prompts()).toEqual([]);
  });

  it("goes in whole where a request was sent once with a session and once more without", async () => {
    const open = await site();
    const me = open();
    const email = await me.signUp();
    const idempotencyKey = randomUUID();
    await me.call("POST", "/api/battles", { prompt: "Signed in", idempotencyKey });
    await me.post("/api/auth/sign-out");
    await me.call("POST", "/api/battles", { prompt: "Signed out", idempotencyKey });
    expect((await me.signIn(email)).status).toBe(200);
    expect(await me.prompts()).toEqual(["Signed out", "Signed in"]);
  });

  it("goes to one of two accounts that take it at the same time, whole", async () => {
    const open = await site();
    const me = open();
    await me.ask("Whose?");
    const twins = [open(), open()];
    for (const twin of twins) twin.keep(me.header());
    await Promise.all(twins.map((twin) => twin.signUp()));
    const seen = await Promise.all(twins.map((twin) => twin.prompts()));
    expect(seen.flat()).toEqual(["Whose?"]);
  });
});
