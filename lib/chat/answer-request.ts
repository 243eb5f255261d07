import type { IllustratedMessage } from "@/lib/attachments";
import { branchTo } from "@/lib/message-tree";
import type { ConversationView, MessageView } from "@/lib/protocol";
import { isRunning } from "./dto";

/** What the model reads before an answer: the system prompt, then its branch without answers that failed or are empty. */
export function messagesFor(
  conversation: Pick<ConversationView, "messages" | "systemPrompt">,
  answerId: string,
): IllustratedMessage[] {
  const branch: readonly MessageView[] = branchTo(conversation.messages, answerId).slice(0, -1);
  const turns = branch.flatMap((message): IllustratedMessage[] => {
    if (message.role === "user") return [{ role: "user", content: message.text, images: message.images }];
    const isAnswer = !isRunning(message.status) && message.status !== "failed" && message.text !== "";
    return isAnswer ? [{ role: "assistant", content: message.text, images: [] }] : [];
  });
  const { systemPrompt } = conversation;
  return systemPrompt.trim() === ""
    ? turns
    : [{ role: "system", content: systemPrompt, images: [] }, ...turns];
}

/**
 * Longest answer in tokens: what was asked for, within the site's limit. Half of the context at most, so that the prompt has
 * room whatever the engine's tokenizer makes of it.
 */
export function maxTokensFor(
  wanted: number | undefined,
  limit: number,
  contextLength: number | null,
): number {
  const half = Math.max(1, Math.floor((contextLength ?? Number.POSITIVE_INFINITY) / 2));
  return Math.min(wanted ?? limit, limit, half);
}
