import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import {
  type ChangeConversationRequest,
  type ConversationView,
  conversationViewSchema,
} from "@/lib/protocol";
import { changeConversation } from "./change-conversation";
import { deleteConversation, restoreConversation } from "./delete-conversation";
import type { ChatDeps } from "./deps";
import { listConversations } from "./list-conversations";
import { listModels } from "./list-models";
import { rateMessage } from "./rate-message";
import { regenerateAnswer } from "./regenerate-answer";
import { selectBranch } from "./select-branch";
import { sendMessage } from "./send-message";
import { startConversation } from "./start-conversation";
import { stopAnswer } from "./stop-answer";
import { begun, followUp, lastAnswer, models, opening, plain, scriptedChat, settled } from "./test-support";

const notFound = expect.objectContaining({ code: "conversation_not_found" });

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** The texts of the branch that is shown. */
const shown = (conversation: ConversationView) =>
  branchTo(conversation.messages, conversation.leafId).map(({ text }) => text);

describe("a conversation", () => {
  it("names its model, counts tokens, and never makes a battle or a vote", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    expect(conversationViewSchema.parse(first)).toEqual(first);
    expect(first).toMatchObject({ title: "One", model: { name: "falcon", displayName: "FALCON" } });
    expect(lastAnswer(first)).toMatchObject({
      status: "finished",
      text: "falcon 0",
      promptTokens: 3,
      completionTokens: 3,
      failure: null,
    });
    expect(await database.db.battle.count({ where: { visitorId } })).toBe(0);
    expect(await database.db.vote.count()).toBe(0);
    expect((await listModels(chat)).map(({ name }) => name)).toEqual(models);
  });

  it("stores a new system prompt only once the moderators have let it through, and asks about one that is stored no more", async () => {
    const { chat, requests } = await scriptedChat(database.db, models, plain);
    const visitorId = randomUUID();
    const first = await startConversation(chat, visitorId, opening("falcon", "One"));
    await settled(chat, visitorId, first);
    const asked: string[] = [];
    let counted = 0;
    const moderated: ChatDeps = {
      ...chat,
      moderation: {
        async admit({ surface, text }) {
          asked.push(`${surface}: ${text}`);
          if (text.includes("foul")) throw new AppError("content_refused", { details: { category: "hate" } });
        },
      },
    };
    const change = (request: ChangeConversationRequest) =>
      changeConversation(moderated, visitorId, first.id, request, async () => {
        counted += 1;
      });
    await expect(change({ systemPrompt: "Be foul.", title: "Foul" })).rejects.toMatchObject({
      code: "content_refused",
    });
    expect(await chat.live.view(first.id, visitorId)).toMatchObject({ systemPrompt: "", title: "One" });
    await change({ systemPrompt: "Be kind." });
    await change({ systemPrompt: "Be kind.", parameters: { temperature: 1 } });
    await change({ systemPrompt: "" });
    await change({ title: "Renamed" });
    expect(asked).toEqual(["chat_prompt: Be foul.", "chat_prompt: Be kind."]);
    expect(counted).toBe(2);
    await expect(
      changeConversation(moderated, randomUUID(), first.id, { systemPrompt: "Be foul." }),
    ).rejects.toMatchObject({ code: "conversation_not_found" });
    expect(asked).toHaveLength(2);
    expect(JSON.stringify(requests)).not.toContain("foul");
  });

  it("sends the system prompt, the parameters that are set, and its own branch", async () => {
    const { chat, requests } = await scriptedChat(database.db, models, plain);
    const visitorId = randomUUID();
    const parameters = { temperature: 0.3, topK: 7, stop: ["END"], maxTokens: 99 };
    const started = await startConversation(
      chat,
      visitorId,
      opening("falcon", "One", { systemPrompt: "Be brief.", parameters }),
    );
    const first = await settled(chat, visitorId, started);
    await changeConversation(chat, visitorId, first.id, { model: "osprey", parameters: {} });
    const second = await sendMessage(chat, visitorId, first.id, followUp("Two", first.leafId));
    expect(shown(await settled(chat, visitorId, second))).toEqual(["One", "falcon 1", "Two", "osprey 2"]);
    const bodies = requests.map(({ body }) => JSON.parse(String(body)));
    expect(bodies[0]).toMatchObject({
      model: "falcon",
      temperature: 0.3,
      top_k: 7,
      stop: ["END"],
      max_tokens: 99,
    });
    expect(bodies[1]).toMatchObject({ model: "osprey", max_tokens: 512 });
    expect(bodies[1]).not.toHaveProperty("temperature");
    expect(bodies[1].messages).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "One" },
      { role: "assistant", content: "falcon 1" },
      { role: "user", content: "Two" },
    ]);
  });

  it("is made once for a key, and so is a message, whatever comes at the same time", async () => {
    const { chat } = await scriptedChat(database.db, models, plain);
    const visitorId = randomUUID();
    const request = opening("falcon", "Once");
    const all = await Promise.all(
      Array.from({ length: 8 }, () => startConversation(chat, visitorId, request)),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    const [started] = all;
    if (started === undefined) throw new Error("No conversation.");
    const first = await settled(chat, visitorId, started);
    const message = followUp("Next", first.leafId);
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => sendMessage(chat, visitorId, first.id, message)),
    );
    expect((await settled(chat, visitorId, sent[0] ?? first)).messages).toHaveLength(4);
    expect(await database.db.conversation.count({ where: { visitorId } })).toBe(1);
  });

  it("is nobody else's", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    const other = randomUUID();
    const leafId = first.leafId ?? "";
    const refused = [
      () => chat.live.view(first.id, other),
      () => sendMessage(chat, other, first.id, followUp("Hi", first.leafId)),
      () => regenerateAnswer(chat, other, first.id, { messageId: leafId, idempotencyKey: randomUUID() }),
      () => stopAnswer(chat, other, first.id),
      () => changeConversation(chat, other, first.id, { title: "Mine" }),
      () => selectBranch(chat, other, first.id, { messageId: leafId }),
      () => rateMessage(chat, other, first.id, { messageId: leafId, feedback: "up" }),
      () => deleteConversation(chat, other, first.id),
      () => restoreConversation(chat, other, first.id),
    ];
    for (const act of refused) await expect(act()).rejects.toEqual(notFound);
    expect((await listConversations(chat, other, { query: "" })).conversations).toEqual([]);
    expect(await chat.live.view(first.id, visitorId)).toEqual(first);
  });

  it("takes one message at a time", async () => {
    const slow = gate();
    const { chat } = await scriptedChat(database.db, models, () => ({
      pieces: ["x"],
      hold: slow.promise,
    }));
    const visitorId = randomUUID();
    const started = await startConversation(chat, visitorId, opening("falcon", "Slow"));
    const busy = { code: "conversation_busy" };
    const next = followUp("Too early", started.leafId);
    await expect(sendMessage(chat, visitorId, started.id, next)).rejects.toMatchObject(busy);
    slow.open();
    await settled(chat, visitorId, started);
    await settled(chat, visitorId, await sendMessage(chat, visitorId, started.id, next));
  });

  it("refuses a model that does not exist and a parent from elsewhere", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    await expect(startConversation(chat, visitorId, opening("unheard-of", "Hi"))).rejects.toMatchObject({
      code: "model_not_found",
    });
    const prompt = first.messages[0]?.id ?? "";
    for (const parentId of [randomUUID(), prompt]) {
      await expect(sendMessage(chat, visitorId, first.id, followUp("Hi", parentId))).rejects.toMatchObject({
        code: "message_not_found",
      });
    }
  });
});

describe("branches", () => {
  it("begin where a prompt is edited or an answer is given again, and can be walked", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    const { id } = first;
    const again = await settled(
      chat,
      visitorId,
      await regenerateAnswer(chat, visitorId, id, {
        messageId: first.leafId ?? "",
        model: "osprey",
        idempotencyKey: randomUUID(),
      }),
    );
    expect(shown(again)).toEqual(["One", "osprey 0"]);
    expect(again.model.name).toBe("osprey");
    const edited = await sendMessage(chat, visitorId, id, followUp("One, edited", null));
    expect(shown(await settled(chat, visitorId, edited))).toEqual(["One, edited", "osprey 0"]);

    const back = await selectBranch(chat, visitorId, id, { messageId: first.leafId ?? "" });
    expect(shown(back)).toEqual(["One", "falcon 0"]);
    const newest = await selectBranch(chat, visitorId, id, { messageId: first.messages[0]?.id ?? "" });
    expect(shown(newest)).toEqual(["One", "osprey 0"]);
    // Remembered: another process that reads the rows shows the same.
    const elsewhere = await scriptedChat(database.db, models, plain);
    expect(await elsewhere.chat.live.view(id, visitorId)).toEqual(newest);
  });

  it("keep their thumbs apart", async () => {
    const { chat, visitorId, first } = await begun(database.db);
    const messageId = first.leafId ?? "";
    const up = await rateMessage(chat, visitorId, first.id, { messageId, feedback: "up" });
    expect(lastAnswer(up).feedback).toBe("up");
    const none = await rateMessage(chat, visitorId, first.id, { messageId, feedback: null });
    expect(lastAnswer(none).feedback).toBeNull();
    const prompt = first.messages[0]?.id ?? "";
    await expect(
      rateMessage(chat, visitorId, first.id, { messageId: prompt, feedback: "down" }),
    ).rejects.toMatchObject({ code: "message_not_found" });
  });
});
