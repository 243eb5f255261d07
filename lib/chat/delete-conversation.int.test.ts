import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { ChatEvent } from "@/lib/protocol";
import { deleteConversation, restoreConversation } from "./delete-conversation";
import { listConversations } from "./list-conversations";
import { purgeDeleted, undoMs } from "./purge-deleted";
import { startConversation } from "./start-conversation";
import { begun, models, opening, scriptedChat } from "./test-support";

const notFound = expect.objectContaining({ code: "conversation_not_found" });

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe("a deletion", () => {
  it("can be undone for a while, and is real afterwards", async () => {
    const { chat, visitorId, first } = await begun(database.db);
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
