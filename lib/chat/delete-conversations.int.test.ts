import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { ChatEvent } from "@/lib/protocol";
import { deleteConversation, restoreConversation } from "./delete-conversation";
import { deleteConversations } from "./delete-conversations";
import { startConversation } from "./start-conversation";
import { opening, scriptedChat, settled } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

async function storeImage(visitorId: string): Promise<string> {
  const id = randomUUID();
  const bytes = Buffer.from("an image");
  await database.db.attachment.create({
    data: { id, visitorId, contentType: "image/png", width: 8, height: 8, size: bytes.length, bytes },
  });
  return id;
}

describe("the deletion of all conversations", () => {
  it("takes messages, images and shared pages with it, at once, and nobody else's", async () => {
    const { db } = database;
    const { chat } = await scriptedChat(db, ["falcon"], () => ({ pieces: ["x"] }));
    const [visitorId, other] = [randomUUID(), randomUUID()];
    const begin = async (owner: string, text: string) =>
      settled(chat, owner, await startConversation(chat, owner, opening("falcon", text)));
    const shared = await begin(visitorId, "One");
    const binned = await begin(visitorId, "Two");
    const theirs = await begin(other, "Theirs");
    const attachmentId = await storeImage(visitorId);
    const messageId = shared.messages[0]?.id ?? "";
    await db.messageImage.create({ data: { messageId, attachmentId, position: 0 } });
    await db.share.create({
      data: { id: randomUUID(), token: randomUUID(), visitorId, conversationId: shared.id, content: {} },
    });
    await deleteConversation(chat, visitorId, binned.id);

    // One was in the bin already.
    expect(await deleteConversations(chat, visitorId)).toEqual({ conversations: 1 });
    expect(await db.conversation.count({ where: { visitorId } })).toBe(0);
    expect(await db.share.count({ where: { visitorId } })).toBe(0);
    expect(await db.attachment.count({ where: { visitorId } })).toBe(0);
    await expect(restoreConversation(chat, visitorId, binned.id)).rejects.toMatchObject({
      code: "conversation_not_found",
    });
    expect(await chat.live.view(theirs.id, other)).toEqual(theirs);
    expect(await deleteConversations(chat, visitorId)).toEqual({ conversations: 0 });
  });

  it("ends what is being written and tells its readers", async () => {
    const { chat } = await scriptedChat(database.db, ["falcon"], () => ({ pieces: ["x"], endless: true }));
    const visitorId = randomUUID();
    const { id } = await startConversation(chat, visitorId, opening("falcon", "For ever"));
    const events: ChatEvent[] = [];
    const live = await chat.live.refresh(id, visitorId);
    live.subscribe((event) => events.push(event));
    await deleteConversations(chat, visitorId);
    expect(events.map(({ type }) => type)).toContain("deleted");
    await live.settled();
  });
});
