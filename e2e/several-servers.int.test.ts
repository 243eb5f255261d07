import { randomUUID } from "node:crypto";
import { createParser } from "eventsource-parser";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listen } from "@/lib/db";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type ConversationView, conversationViewSchema, openBattleSchema } from "@/lib/protocol";
import { Visitor } from "./chaos/visitor";
import { joinToken, startTestSite, type TestSite } from "./fixtures/test-site";
import { startMockWorker, type WorkerProcess } from "./fixtures/worker-process";

/** Two servers over one database: what a visitor does at the one is seen by their tab that reads at the other. */

const names = ["heron", "stork"];

let database: TestDatabase;
let one: TestSite;
let two: TestSite;
let workers: WorkerProcess[];
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  one = await startTestSite(database, { ARENA_UNGUARDED: "1" });
  two = await startTestSite(database, { ARENA_UNGUARDED: "1" });
  const seen = new Set<string>();
  const offered = new Promise<void>((resolve) => {
    one.site.controller.onModelsOffered(async (models) => {
      for (const { name } of models) seen.add(name);
      if (seen.size === names.length) resolve();
    });
  });
  workers = await Promise.all(
    names.map((name) => startMockWorker({ name, controllerUrl: one.url, joinToken, delayMs: 20 })),
  );
  await offered;
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  for (const { site } of [one, two]) await site.close();
  await database.drop();
});

type Event = {
  type: string;
  battle?: { turns: { prompt: string }[] };
  conversation?: ConversationView;
};

/** A tab of this visitor: what the stream has told it so far. */
async function readAt({ url }: TestSite, visitor: Visitor, path: string): Promise<Event[]> {
  const abort = new AbortController();
  const response = await fetch(url + path, { headers: { cookie: visitor.cookie }, signal: abort.signal });
  const events: Event[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data) as Event) });
  const reading = (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    }
  })();
  closers.push(async () => {
    abort.abort();
    await reading;
  });
  await expect.poll(() => events.map(({ type }) => type)).toEqual(["snapshot"]);
  return events;
}

/** What the servers tell each other from now on, without who tells it. */
async function overhear(): Promise<string[]> {
  const told: string[] = [];
  await new Promise<void>((resolve) => {
    const stop = listen({
      ...{ url: database.url, channel: "arena_live" },
      onMessage: (payload) => told.push(payload.split(":").slice(0, 2).join(":")),
      onUp: resolve,
      onDown: () => undefined,
    });
    closers.push(stop);
  });
  return told;
}

describe("a battle that is read at another server", () => {
  it("shows a follow-up and hears of the vote, for two messages in all", async () => {
    const told = await overhear();
    const visitor = new Visitor();
    const id = await visitor.ready(one.url);
    const path = `/api/battles/${id}`;
    const events = await readAt(two, visitor, `${path}/events`);
    await visitor.call(one.url, "POST", `${path}/turns`, {
      prompt: "And then?",
      idempotencyKey: randomUUID(),
    });
    // Nothing of the battle is being written as far as this server knows: it does not look by itself.
    const last = () => events.findLast(({ battle }) => battle !== undefined)?.battle?.turns;
    await expect.poll(() => last()?.map(({ prompt }) => prompt)).toEqual(["Hello", "And then?"]);
    await expect.poll(() => visitor.statusOf(one.url, id)).toBe("ready");
    const { turns } = openBattleSchema.parse((await visitor.call(one.url, "GET", path)).json);
    const ballot = { outcome: "tie", idempotencyKey: randomUUID(), turnId: turns[1]?.id };
    expect((await visitor.call(one.url, "POST", `${path}/vote`, ballot)).status).toBe(200);
    await expect.poll(() => events.at(-1)?.type).toBe("voted");
    expect(told).toEqual([`battle:${id}`, `vote:${id}`]);
  });
});

describe("a stop that reaches another server than the one that writes", () => {
  it("ends the sides of a battle, one or both", async () => {
    const visitor = new Visitor();
    const id = (await visitor.begin(one.url, "Write for ever [[mock:long]]")) ?? "";
    const path = `/api/battles/${id}`;
    const statuses = async () => {
      const { turns } = openBattleSchema.parse((await visitor.call(one.url, "GET", path)).json);
      return [turns[0]?.a.status, turns[0]?.b.status];
    };
    await expect.poll(statuses).toEqual(["writing", "writing"]);
    await visitor.call(two.url, "POST", `${path}/stop`, { side: "b" });
    await expect.poll(statuses).toEqual(["writing", "stopped"]);
    await visitor.call(two.url, "POST", `${path}/stop`, {});
    await expect.poll(statuses).toEqual(["stopped", "stopped"]);
  });

  it("ends the answer of a chat", async () => {
    const visitor = new Visitor();
    const opening = {
      model: "heron",
      text: "Write for ever [[mock:long]]",
      systemPrompt: "",
      parameters: {},
    };
    const begun = await visitor.call(one.url, "POST", "/api/chat/conversations", {
      ...opening,
      idempotencyKey: randomUUID(),
    });
    const { id } = conversationViewSchema.parse(begun.json);
    const status = async () => {
      const answer = await visitor.call(one.url, "GET", `/api/chat/conversations/${id}`);
      return conversationViewSchema.parse(answer.json).messages.at(-1);
    };
    await expect.poll(status).toMatchObject({ status: "writing" });
    await visitor.call(two.url, "POST", `/api/chat/conversations/${id}/stop`, {});
    await expect.poll(status).toMatchObject({ status: "stopped" });
  });
});

describe("a conversation that is read at another server", () => {
  it("shows what is asked, renamed and deleted", async () => {
    const visitor = new Visitor();
    const root = "/api/chat/conversations";
    const opening = { model: "heron", text: "Hello", systemPrompt: "", parameters: {} };
    const begun = await visitor.call(one.url, "POST", root, { ...opening, idempotencyKey: randomUUID() });
    const { id } = conversationViewSchema.parse(begun.json);
    const path = `${root}/${id}`;
    const view = async () => conversationViewSchema.parse((await visitor.call(one.url, "GET", path)).json);
    const isWritten = async () =>
      (await view()).messages.every((message) => message.role === "user" || message.status === "finished");
    await expect.poll(isWritten).toBe(true);
    const events = await readAt(two, visitor, `${path}/events`);
    const last = () => events.findLast(({ conversation }) => conversation !== undefined)?.conversation;
    const { leafId: parentId } = await view();
    const followUp = { text: "And then?", parentId, idempotencyKey: randomUUID() };
    await visitor.call(one.url, "POST", `${path}/messages`, followUp);
    await expect.poll(() => last()?.messages.length).toBe(4);
    await expect.poll(isWritten).toBe(true);
    await visitor.call(one.url, "PATCH", path, { title: "Birds" });
    await expect.poll(() => last()?.title).toBe("Birds");
    await visitor.call(one.url, "DELETE", path, {});
    await expect.poll(() => events.at(-1)?.type).toBe("deleted");
  });
});
