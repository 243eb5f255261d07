import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { regenerateAnswer } from "./regenerate-answer";
import { sendMessage } from "./send-message";
import { startConversation } from "./start-conversation";
import { followUp, opening, scriptedChat, settled } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

async function begun() {
  const { chat, requests } = await scriptedChat(database.db, ["falcon", "osprey"], (model) => ({
    pieces: [model],
  }));
  const visitorId = randomUUID();
  const settings = { systemPrompt: "Be brief.", parameters: { temperature: 0.3 } };
  const started = await startConversation(chat, visitorId, opening("falcon", "One", settings));
  const first = await settled(chat, visitorId, started);
  const lastBody = () => JSON.parse(String(requests.at(-1)?.body));
  return { chat, visitorId, first, lastBody };
}

describe("a message", () => {
  it("is asked with the settings it names, which are stored with it; what it does not name stays", async () => {
    const { chat, visitorId, first, lastBody } = await begun();
    const askedWith = { model: "osprey", parameters: { topK: 7 } };
    const sent = await sendMessage(chat, visitorId, first.id, {
      ...followUp("Two", first.leafId),
      ...askedWith,
    });
    expect(sent).toMatchObject({
      ...{ model: { name: "osprey" }, systemPrompt: "Be brief." },
      parameters: { topK: 7 },
    });
    const second = await settled(chat, visitorId, sent);
    expect(lastBody()).toMatchObject({ model: "osprey", top_k: 7 });
    expect(lastBody()).not.toHaveProperty("temperature");
    expect(lastBody().messages[0]).toEqual({ role: "system", content: "Be brief." });

    const again = await regenerateAnswer(chat, visitorId, first.id, {
      ...{ messageId: second.leafId ?? "", idempotencyKey: randomUUID() },
      ...{ model: "falcon", systemPrompt: "", parameters: {} },
    });
    await settled(chat, visitorId, again);
    expect(again).toMatchObject({ model: { name: "falcon" }, systemPrompt: "", parameters: {} });
    expect(lastBody()).toMatchObject({ model: "falcon" });
    expect(lastBody()).not.toHaveProperty("top_k");
    expect(lastBody().messages[0]).toEqual({ role: "user", content: "One" });
  });

  it("is read by moderators for those alone whose conversation it is", async () => {
    const { chat, visitorId, first } = await begun();
    const admit = vi.fn(async () => undefined);
    const watched = { ...chat, moderation: { ...chat.moderation, admit } };
    const message = { ...followUp("Two", first.leafId), systemPrompt: "Other words" };
    const again = {
      messageId: first.leafId ?? "",
      idempotencyKey: randomUUID(),
      systemPrompt: "Other words",
    };
    const notFound = { code: "conversation_not_found" };
    await expect(sendMessage(watched, randomUUID(), first.id, message)).rejects.toMatchObject(notFound);
    await expect(regenerateAnswer(watched, randomUUID(), first.id, again)).rejects.toMatchObject(notFound);
    expect(admit).not.toHaveBeenCalled();
    await settled(chat, visitorId, await sendMessage(watched, visitorId, first.id, message));
    expect(admit).toHaveBeenCalledOnce();
  });

  it("stores nothing where it is refused", async () => {
    const { chat, visitorId, first } = await begun();
    const message = { ...followUp("Two", first.leafId), model: "unheard-of", systemPrompt: "Other words" };
    await expect(sendMessage(chat, visitorId, first.id, message)).rejects.toMatchObject({
      code: "model_not_found",
    });
    expect(await chat.live.view(first.id, visitorId)).toEqual(first);
  });

  it("goes on with the model that the conversation has, public or not any more", async () => {
    const { chat, visitorId, first } = await begun();
    await database.db.model.update({ where: { name: "falcon" }, data: { stage: "retired" } });
    const message = { ...followUp("Two", first.leafId), model: "falcon" };
    await settled(chat, visitorId, await sendMessage(chat, visitorId, first.id, message));
    await database.db.model.update({ where: { name: "falcon" }, data: { stage: "public" } });
  });

  it("brings a system prompt past the moderators once, and none that they refuse", async () => {
    const { chat, visitorId, first } = await begun();
    const admit = vi.fn<(typeof chat)["moderation"]["admit"]>(async ({ text }) => {
      if (text.includes("forbidden")) throw new AppError("content_refused");
    });
    const moderated = { ...chat, moderation: { admit } };
    const textsOf = () => admit.mock.calls.map(([{ text }]) => text);
    const same = { ...followUp("Two", first.leafId), systemPrompt: "Be brief." };
    const second = await settled(chat, visitorId, await sendMessage(moderated, visitorId, first.id, same));
    const other = { ...followUp("Three", second.leafId), systemPrompt: "Be long." };
    const third = await settled(chat, visitorId, await sendMessage(moderated, visitorId, first.id, other));
    expect(textsOf()).toEqual(["Two", "Be long.\n\nThree"]);

    const again = { messageId: third.leafId ?? "", idempotencyKey: randomUUID() };
    const kept = { ...again, systemPrompt: "Be long." };
    await settled(chat, visitorId, await regenerateAnswer(moderated, visitorId, first.id, kept));
    expect(admit).toHaveBeenCalledTimes(2);
    const refused = { ...again, idempotencyKey: randomUUID(), systemPrompt: "A forbidden role" };
    await expect(regenerateAnswer(moderated, visitorId, first.id, refused)).rejects.toMatchObject({
      code: "content_refused",
    });
    expect(await chat.live.view(first.id, visitorId)).toMatchObject({ systemPrompt: "Be long." });
  });
});
