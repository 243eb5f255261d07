import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import { chatApi } from "./chat-api";
import { createChatList } from "./chat-list";
import { createChatStore } from "./chat-store";
import { conversationOf } from "./testing/conversation-of";

vi.mock("./chat-api");
const api = vi.mocked(chatApi);
afterEach(() => {
  vi.resetAllMocks();
});

const row = (id: string, minute: number) => {
  const time = `2026-01-01T00:${minute}:00.000Z`;
  return { id, title: id, isPinned: false, createdAt: time, updatedAt: time };
};
const [d, c, b, a] = [row("d", 40), row("c", 30), row("b", 20), row("a", 10)];

/** The server's list, two to a page. */
function serve(...rows: readonly ReturnType<typeof row>[]) {
  api.list.mockImplementation(async (_query, cursor) => {
    const from = Number(cursor ?? 0);
    const next = from + 2 < rows.length ? String(from + 2) : null;
    return { conversations: rows.slice(from, from + 2), nextCursor: next };
  });
}

describe("the list of conversations", () => {
  it("keeps as many pages as it had when it is read again, without what is gone", async () => {
    const store = createChatStore();
    const list = createChatList(store);
    const ids = () => store.get().list.conversations.map(({ id }) => id);
    serve(c, b, a);
    await list.reload();
    expect(ids()).toEqual(["c", "b"]);
    await list.more();
    expect(ids()).toEqual(["c", "b", "a"]);
    serve(d, c, a);
    await list.reload();
    expect(ids()).toEqual(["d", "c", "a"]);
    // Another search begins with its first page.
    await list.search("x");
    expect(ids()).toEqual(["d", "c"]);
    await list.reload();
    expect(ids()).toEqual(["d", "c"]);
  });

  it("brings back everything that was deleted, and tells of what it could not", async () => {
    const store = createChatStore();
    const list = createChatList(store);
    serve(c, b);
    await list.reload();
    await list.remove("c");
    await list.remove("b");
    expect(store.get().deleted.map(({ id }) => id)).toEqual(["c", "b"]);
    api.restore.mockResolvedValueOnce(conversationOf(c));
    api.restore.mockRejectedValueOnce(new ApiError("conversation_not_found"));
    expect(await list.undoRemove()).toBe("c");
    expect(store.get().list.conversations.map(({ id }) => id)).toEqual(["c"]);
    expect(store.get().problem?.code).toBe("conversation_not_found");
    expect(store.get().deleted).toEqual([]);
  });
});
