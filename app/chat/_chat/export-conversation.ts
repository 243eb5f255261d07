import { branchTo } from "@/lib/message-tree";
import type { ConversationView, ImageView } from "@/lib/protocol";
import type { ExportedImages } from "./read-images";

export type ExportWords = {
  you: string;
  system: string;
  /** Names an image by its number in the document, its type (`PNG`) and its size; without a type: one that is missing. */
  image: (number: number, image: ImageView, type: string | null) => string;
};

/**
 * The branch that is shown, as a document: the title, the system prompt, then each message under who wrote it. An image stands
 * before the text that it came with, under a reference; its bytes are at the end, so that the document can be read as text and
 * is whole without the site. In place of one that is missing stands its name.
 */
export function toMarkdown(
  conversation: ConversationView,
  words: ExportWords,
  images: ExportedImages,
): string {
  const { title, systemPrompt, messages, leafId } = conversation;
  const system = systemPrompt.trim() === "" ? [] : [`## ${words.system}`, systemPrompt.trim()];
  /** Ids in the order in which the document names them: the same image has the same number everywhere. */
  const named: string[] = [];
  const nameOf = (view: ImageView): string => {
    if (!named.includes(view.id)) named.push(view.id);
    const number = named.indexOf(view.id) + 1;
    const image = images.get(view.id) ?? null;
    if (image === null) return `*${words.image(number, view, null)}*`;
    return `![${words.image(number, view, typeOf(image.contentType))}][image-${number}]`;
  };
  const turns = branchTo(messages, leafId).flatMap((message) => [
    `## ${message.role === "user" ? words.you : message.model.displayName}`,
    ...(message.role === "user" ? message.images.map(nameOf) : []),
    message.text.trim(),
  ]);
  const references = named.flatMap((id, index) => {
    const image = images.get(id) ?? null;
    return image === null ? [] : [`[image-${index + 1}]: ${image.dataUrl}`];
  });
  const parts = [`# ${title.replaceAll(/\s+/g, " ")}`, ...system, ...turns, ...references];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** "PNG" of image/png. */
const typeOf = (contentType: string): string => contentType.replace(/^image\//, "").toUpperCase();

/**
 * All branches with everything that is known of them, and under `attachments` the bytes of their images by id; null for one that is
 * missing. Version 1 of the format.
 */
export function toJson(conversation: ConversationView, images: ExportedImages): string {
  const attachments = Object.fromEntries(images);
  const file = { format: "chat-arena-conversation", version: 1, ...conversation, attachments };
  return `${JSON.stringify(file, null, 2)}\n`;
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
