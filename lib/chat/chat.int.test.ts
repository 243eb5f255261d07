import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate, type Scripts } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import {
  type AssistantMessage,
  type ChangeConversationRequest,
  type ChatEvent,
  type ConversationView,
  chatEventSchema,
  conversationViewSchema,
} from "@/lib/protocol";
import { changeConversation } from "./change-conversation";
import { deleteConversation, restoreConversation } from "./delete-conversation";
import type { ChatDeps } from "./deps";
import { listConversations } from "./list-conversations";
import { listModels } from "./list-models";
import { purgeDeleted, undoMs } from "./purge-deleted";
import { rateMessage } from "./rate-message";
import { regenerateAnswer } from "./regenerate-answer";
import { selectBranch } from "./select-branch";
import { sendMessage } from "./send-message";
import { startConversation } from "./start-conversation";
import { stopAnswer } from "./stop-answer";
import { followUp, opening, scriptedChat, settled } from "./test-support";

const models = ["falcon", "osprey"];
const plain: Scripts = (model, turn) => ({ pieces: [model, " ", String(turn)] });
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

function lastAnswer(conversation: ConversationView): AssistantMessage {
  const last = branchTo(conversation.messages, conversation.leafId).at(-1);
  if (last?.role !== "assistant") throw new Error("The branch does not end with an answer.");
  return last;
}

async function begun(scripts: Scripts = plain) {
  const { chat, requests } = await scriptedChat(database.db, models, scripts);
  const visitorId = randomUUID();
  const first = await startConversation(chat, visitorId, opening("falcon", "One"));
  return { chat, requests, visitorId, first: await settled(chat, visitorId, first) };
}

describe("a conversation", () => {
  it("names its model, counts tokens, and never makes a battle or a vote", async () => {
    const { chat, visitorId, first } = await begun();
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
    const { chat, visitorId, first } = await begun();
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
    const { chat, visitorId, first } = await begun();
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
    const { chat, visitorId, first } = await begun();
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
    const { chat, visitorId, first } = await begun();
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

describe("a stream", () => {
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
    const { chat, visitorId, first } = await begun(() => ({ pieces: ["part"], breaksOff: isBroken }));
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
    const { chat, visitorId, first } = await begun();
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

describe("the list", () => {
  it("finds titles and messages, takes patterns literally, and shows pinned ones first", async () => {
    const { chat, visitorId, first } = await begun();
    const start = async (text: string) =>
      settled(chat, visitorId, await startConversation(chat, visitorId, opening("falcon", text)));
    const percent = await start("Is 100% enough?");
    const backslash = await start("C:\\new_folder");
    const find = async (query: string) =>
      (await listConversations(chat, visitorId, { query })).conversations.map(({ id }) => id);
    expect(await find("")).toEqual([backslash.id, percent.id, first.id]);
    expect(await find("100%")).toEqual([percent.id]);
    expect(await find("%")).toEqual([percent.id]);
    expect(await find("w_f")).toEqual([backslash.id]);
    expect(await find("\\")).toEqual([backslash.id]);
    expect(await find("FALCON 0")).toHaveLength(3);
    await changeConversation(chat, visitorId, first.id, { isPinned: true, title: "  Renamed " });
    expect(await find("")).toEqual([first.id, backslash.id, percent.id]);
    expect(await find("renamed")).toEqual([first.id]);
  });

  it("comes page by page, each conversation once", async () => {
    const { chat } = await scriptedChat(database.db, models, plain);
    const visitorId = randomUUID();
    const { id: modelId } = await database.db.model.findUniqueOrThrow({ where: { name: "falcon" } });
    await database.db.visitor.create({ data: { id: visitorId } });
    const updatedAt = new Date();
    await database.db.conversation.createMany({
      data: Array.from({ length: 130 }, (_, index) => ({
        id: randomUUID(),
        visitorId,
        idempotencyKey: randomUUID(),
        title: String(index),
        modelId,
        updatedAt,
      })),
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listConversations(chat, visitorId, { query: "", cursor });
      seen.push(...page.conversations.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(130);
    expect(new Set(seen).size).toBe(130);
    await expect(listConversations(chat, visitorId, { query: "", cursor: "nonsense" })).rejects.toMatchObject(
      {
        code: "invalid_request",
      },
    );
  });
});

describe("a deletion", () => {
  it("can be undone for a while, and is real afterwards", async () => {
    const { chat, visitorId, first } = await begun();
    const { undoUntil } = await deleteConversation(chat, visitorId, first.id);
    await expect(chat.live.view(first.id, visitorId)).rejects.toEqual(notFound);
    expect((await listConversations(chat, visitorId, { query: "" })).conversations).toEqual([]);
    await purgeDeleted(database.db, Date.now());
    expect(await restoreConversation(chat, visitorId, first.id)).toEqual(first);

    await deleteConversation(chat, visitorId, first.id);
    await purgeDeleted(database.db, new Date(undoUntil).getTime() + undoMs);
    await expect(restoreConversation(chat, visitorId, first.id)).rejects.toEqual(notFound);
    expect(await database.db.message.count({ where: { conversationId: first.id } })).toBe(0);
  });

  it("ends the answer that is being written and tells its readers", async () => {
    const { chat } = await scriptedChat(database.db, models, () => ({ pieces: ["x"], endless: true }));
    const visitorId = randomUUID();
    const { id } = await startConversation(chat, visitorId, opening("falcon", "For ever"));
    const events: ChatEvent[] = [];
    const live = await chat.live.refresh(id, visitorId);
    live.subscribe((event) => events.push(event));
    await deleteConversation(chat, visitorId, id);
    expect(events.map(({ type }) => type)).toContain("deleted");
    await live.settled();
    expect(await database.db.message.count({ where: { conversationId: id, status: "stopped" } })).toBe(1);
  });
});
