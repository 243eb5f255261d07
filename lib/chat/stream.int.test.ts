import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type ChatEvent, chatEventSchema } from "@/lib/protocol";
import { regenerateAnswer } from "./regenerate-answer";
import { startConversation } from "./start-conversation";
import { stopAnswer } from "./stop-answer";
import { begun, lastAnswer, models, opening, scriptedChat, settled } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** What a reader has of the last answer, put together from events alone. */
function reader() {
  const events: ChatEvent[] = [];
  let text = "";
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const listener = (event: ChatEvent) => {
    events.push(chatEventSchema.parse(event));
    if (event.type === "snapshot") text = event.conversation.messages.at(-1)?.text ?? "";
    if (event.type === "delta") {
      expect(event.at).toBe(text.length);
      text += event.text;
    }
    if (text !== "") begin();
    if (event.type === "done") end();
  };
  return { listener, begun, ended, events, text: () => text };
}

describe("a stream", () => {
  it("re-attaches in the middle without losing or repeating a character", async () => {
    const rest = gate();
    const pieces = Array.from({ length: 40 }, (_, index) => `${index}👩‍👩‍👧‍👦 `);
    const { chat } = await scriptedChat(database.db, models, () => ({
      pieces,
      pause: { after: 15, until: rest.promise },
    }));
    const visitorId = randomUUID();
    const { id } = await startConversation(chat, visitorId, opening("falcon", "Count"));
    const early = reader();
    const leave = (await chat.live.refresh(id, visitorId)).subscribe(early.listener);
    await early.begun;
    leave();
    const late = reader();
    (await chat.live.refresh(id, visitorId)).subscribe(late.listener);
    expect(late.text()).toBe(early.text());
    rest.open();
    await late.ended;
    expect(late.text()).toBe(pieces.join(""));
    expect(late.events.map(({ type }) => type)).toContain("delta");
    expect(lastAnswer(await chat.live.view(id, visitorId)).text).toBe(pieces.join(""));
  });

  it("goes on without a reader for the grace time, then stops and keeps its text", async () => {
    const { chat } = await scriptedChat(database.db, models, () => ({ pieces: ["kept"], endless: true }), 50);
    const visitorId = randomUUID();
    const started = await startConversation(chat, visitorId, opening("falcon", "For ever"));
    const live = await chat.live.peek(started.id);
    await live?.settled();
    expect(lastAnswer(await chat.live.view(started.id, visitorId))).toMatchObject({
      ...{ status: "stopped", stoppedBy: "absence" },
    });
  });

  it("stops when it is told to, and what is written stays", async () => {
    const { chat } = await scriptedChat(database.db, models, () => ({ pieces: ["half"], endless: true }));
    const visitorId = randomUUID();
    const { id } = await startConversation(chat, visitorId, opening("falcon", "Go on"));
    const watching = reader();
    (await chat.live.refresh(id, visitorId)).subscribe(watching.listener);
    await watching.begun;
    const stopped = await stopAnswer(chat, visitorId, id);
    expect(lastAnswer(stopped)).toMatchObject({ status: "stopped", text: "half" });
    expect(lastAnswer(stopped)).not.toHaveProperty("stoppedBy");
  });

  it("that breaks off says so, keeps the part, and can be tried again", async () => {
    let isBroken = true;
    const { chat, visitorId, first } = await begun(database.db, () => ({
      pieces: ["part"],
      breaksOff: isBroken,
    }));
    expect(lastAnswer(first)).toMatchObject({
      status: "failed",
      text: "part",
      failure: { reason: "interrupted", parameter: null },
    });
    isBroken = false;
    const again = await regenerateAnswer(chat, visitorId, first.id, {
      messageId: first.leafId ?? "",
      idempotencyKey: randomUUID(),
    });
    expect(lastAnswer(await settled(chat, visitorId, again))).toMatchObject({ status: "finished" });
  });

  it("of a server that has died counts as interrupted when its lease is over", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    await database.db.message.update({
      where: { id: first.leafId ?? "" },
      data: { status: "writing", text: "fal", leaseUntil: new Date(Date.now() - 1) },
    });
    expect(lastAnswer(await chat.live.view(first.id, visitorId))).toMatchObject({
      status: "failed",
      failure: { reason: "interrupted" },
    });
  });
});
