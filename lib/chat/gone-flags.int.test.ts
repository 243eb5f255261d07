import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFlagged, resolveFlags } from "@/lib/admin";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { FlaggedAnswer } from "@/lib/protocol";
import { deleteConversation } from "./delete-conversation";
import { purgeDeleted, undoMs } from "./purge-deleted";
import { startConversation } from "./start-conversation";
import { opening, scriptedChat, settled } from "./test-support";

/** What becomes of flags when the chat that they are about is deleted. */

const moderator = { kind: "user", id: "m", label: "moderator@arena.example" } as const;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** A chat whose answer was flagged. */
async function flagged() {
  const { db } = database;
  const { chat } = await scriptedChat(db, ["falcon"], () => ({ pieces: ["An answer."] }));
  const visitorId = randomUUID();
  const { id, leafId } = await settled(
    chat,
    visitorId,
    await startConversation(chat, visitorId, opening("falcon", "Flag me")),
  );
  const subjectId = leafId ?? "";
  const flag = await db.moderationFlag.create({
    data: {
      ...{ id: randomUUID(), subjectKind: "message", subjectId, visitorId, reason: "hate" },
      comment: "It says: an answer.",
    },
  });
  return { chat, visitorId, conversationId: id, subjectId, flagId: flag.id };
}

const flagOf = (id: string) => database.db.moderationFlag.findUniqueOrThrow({ where: { id } });

async function queue(): Promise<{ open: number; items: FlaggedAnswer[] }> {
  const { open, items } = await listFlagged(database.db);
  return { open, items };
}

describe("the flags of a deleted chat", () => {
  it("wait as long as the deletion can be undone, and are closed with it, without what a reader wrote", async () => {
    const { chat, visitorId, conversationId, flagId } = await flagged();
    await deleteConversation(chat, visitorId, conversationId);
    await purgeDeleted(database.db, Date.now());
    expect((await flagOf(flagId)).status).toBe("open");
    expect(await queue()).toMatchObject({ open: 1, items: [{ text: "An answer." }] });

    await purgeDeleted(database.db, Date.now() + 2 * undoMs);
    expect(await queue()).toEqual({ open: 0, items: [] });
    expect(await flagOf(flagId)).toMatchObject({
      ...{ status: "gone", reason: "hate", comment: "", resolvedBy: "removed by its visitor" },
    });
  });

  it("are closed also where they come after it", async () => {
    const { db } = database;
    const { id } = await db.moderationFlag.create({
      data: { id: randomUUID(), subjectKind: "message", subjectId: randomUUID(), reason: "threat" },
    });
    await purgeDeleted(db, Date.now());
    expect((await flagOf(id)).status).toBe("gone");
  });

  it("cannot be decided on: a moderator who is a moment late is told that there are none", async () => {
    const { db } = database;
    const { conversationId, subjectId, flagId } = await flagged();
    await db.conversation.delete({ where: { id: conversationId } });
    for (const actions of [[], ["hide"], ["disable_visitor"]] as const) {
      await expect(
        resolveFlags(db, moderator, subjectId, { actions: [...actions], note: "Late." }),
      ).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await flagOf(flagId)).status).toBe("gone");
    expect(await db.auditEntry.count()).toBe(0);
  });
});
