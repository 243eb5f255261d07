import { branchTo } from "@/lib/message-tree";
import type { ConversationView } from "@/lib/protocol";

export type ExportWords = { you: string; system: string };

/** The branch that is shown, as a document: the title, the system prompt, then each message under who wrote it. */
export function toMarkdown(conversation: ConversationView, words: ExportWords): string {
  const { title, systemPrompt, messages, leafId } = conversation;
  const system = systemPrompt.trim() === "" ? [] : [`## ${words.system}`, systemPrompt.trim()];
  const turns = branchTo(messages, leafId).flatMap((message) => [
    `## ${message.role === "user" ? words.you : message.model.displayName}`,
    message.text.trim(),
  ]);
  const parts = [`# ${title.replaceAll(/\s+/g, " ")}`, ...system, ...turns];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** All branches with everything that is known of them. Version 1 of the format. */
export function toJson(conversation: ConversationView): string {
  return `${JSON.stringify({ format: "chat-arena-conversation", version: 1, ...conversation }, null, 2)}\n`;
}

/** The title as a file's name: letters and digits of any script, with hyphens. */
export function fileNameOf(title: string, extension: "md" | "json"): string {
  const name = title
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return `${name === "" ? "chat" : name}.${extension}`;
}

/** Hands a text to the browser as a file. */
export function download(text: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
