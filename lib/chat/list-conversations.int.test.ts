import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { changeConversation } from "./change-conversation";
import { listConversations } from "./list-conversations";
import { startConversation } from "./start-conversation";
import { begun, models, opening, plain, scriptedChat, settled } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe("the list", () => {
  it("finds titles and messages, takes patterns literally, and shows pinned ones first", async () => {
    const { chat, visitorId, first } = await begun(database.db);
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
