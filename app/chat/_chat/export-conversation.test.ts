import { expect, it } from "vitest";
import type { ConversationView } from "@/lib/protocol";
import { fileNameOf, toJson, toMarkdown } from "./export-conversation";

const createdAt = "2026-01-01T00:00:00.000Z";
const answer = (id: string, text: string) =>
  ({
    role: "assistant",
    id,
    parentId: "p1",
    text,
    createdAt,
    status: "finished",
    model: { name: "m", displayName: "Model M" },
    isTruncated: false,
    failure: null,
    promptTokens: 3,
    completionTokens: 2,
    firstTokenMs: 10,
    totalMs: 20,
    feedback: null,
  }) as const;
const conversation: ConversationView = {
  id: "c1",
  title: "A\ntitle",
  isPinned: false,
  createdAt,
  updatedAt: createdAt,
  model: { name: "m", displayName: "Model M" },
  systemPrompt: "Be brief.",
  parameters: { temperature: 0.2 },
  leafId: "a2",
  messages: [
    { role: "user", id: "p1", parentId: null, text: "Hi", images: [], createdAt },
    answer("a1", "Hello"),
    answer("a2", "- one\n- two\n"),
  ],
};
const words = { you: "You", system: "System prompt" };

it("writes the shown branch as Markdown", () => {
  expect(toMarkdown(conversation, words)).toBe(
    "# A title\n\n## System prompt\n\nBe brief.\n\n## You\n\nHi\n\n## Model M\n\n- one\n- two\n",
  );
  expect(toMarkdown({ ...conversation, systemPrompt: " " }, words)).not.toContain("System");
});

it("writes all branches as JSON", () => {
  const { format, version, ...rest } = JSON.parse(toJson(conversation));
  expect([format, version]).toEqual(["chat-arena-conversation", 1]);
  expect(rest).toEqual(conversation);
});

it("makes file names of titles in any script, without separators of paths", () => {
  expect(fileNameOf("Postgres: SKIP LOCKED?", "md")).toBe("Postgres-SKIP-LOCKED.md");
  expect(fileNameOf("标题：给产品起个名字", "json")).toBe("标题-给产品起个名字.json");
  expect(fileNameOf("../../etc", "md")).toBe("etc.md");
  expect(fileNameOf("?!", "md")).toBe("chat.md");
});
