import { affinityKeyOf } from "@/lib/controller";

type Message = { role?: unknown; content?: unknown };

/**
 * The same for all turns of a conversation, so that they meet the worker that has evaluated the beginning: its model, what
 * stands before the user's first message, and that message.
 */
export function conversationKey(model: string, messages: readonly Message[]): string {
  const first = messages.findIndex(({ role }) => role === "user");
  const beginning = messages.slice(0, first + 1);
  return affinityKeyOf([model, ...beginning.map(({ content }) => textOf(content))]);
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: { text?: unknown } | null) => (typeof part?.text === "string" ? part.text : ""))
    .join("\n");
}
