import { expect, it } from "vitest";
import type { ConversationView } from "@/lib/protocol";
import { type ExportWords, fileNameOf, toJson, toMarkdown } from "./export-conversation";

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
const words: ExportWords = {
  you: "You",
  system: "System prompt",
  image: (number, { width, height }, type) => `Image ${number}, ${type ?? "missing"}, ${width} × ${height}`,
};
const none = new Map();

const view = (id: string) => ({ id, width: 800, height: 600 });
const photo = { contentType: "image/png", size: 3, dataUrl: "data:image/png;base64,YWJj" };
const illustrated: ConversationView = {
  ...conversation,
  messages: [
    {
      role: "user",
      id: "p1",
      parentId: null,
      text: "What is this?",
      images: [view("i1"), view("i2")],
      createdAt,
    },
    answer("a2", "A bee."),
    { role: "user", id: "p2", parentId: "a2", text: "Look again", images: [view("i1")], createdAt },
  ],
  leafId: "p2",
};
const images = new Map([
  ["i1", photo],
  ["i2", null],
]);

it("writes the shown branch as Markdown", () => {
  expect(toMarkdown(conversation, words, none)).toBe(
    "# A title\n\n## System prompt\n\nBe brief.\n\n## You\n\nHi\n\n## Model M\n\n- one\n- two\n",
  );
  expect(toMarkdown({ ...conversation, systemPrompt: " " }, words, none)).not.toContain("System");
});

it("shows images where they came, with their bytes at the end, and names one that is missing", () => {
  expect(toMarkdown({ ...illustrated, systemPrompt: "" }, words, images)).toBe(
    `# A title

## You

![Image 1, PNG, 800 × 600][image-1]

*Image 2, missing, 800 × 600*

What is this?

## Model M

A bee.

## You

![Image 1, PNG, 800 × 600][image-1]

Look again

[image-1]: data:image/png;base64,YWJj
`,
  );
});

it("writes all branches as JSON, with the bytes of their images", () => {
  const { format, version, attachments, ...rest } = JSON.parse(toJson(illustrated, images));
  expect([format, version]).toEqual(["chat-arena-conversation", 1]);
  expect(rest).toEqual(illustrated);
  expect(attachments).toEqual({ i1: photo, i2: null });
});

it("makes file names of titles in any script, without separators of paths", () => {
  expect(fileNameOf("Postgres: SKIP LOCKED?", "md")).toBe("Postgres-SKIP-LOCKED.md");
  expect(fileNameOf("标题：给产品起个名字", "json")).toBe("标题-给产品起个名字.json");
  expect(fileNameOf("../../etc", "md")).toBe("etc.md");
  expect(fileNameOf("?!", "md")).toBe("chat.md");
});
