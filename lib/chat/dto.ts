import { toStoppedBy } from "@/lib/answers";
import { imagesInclude, toImageViews } from "@/lib/attachments";
import type { Prisma } from "@/lib/db";
import {
  type AssistantMessage,
  type ConversationSummary,
  type ConversationView,
  chatParametersSchema,
  type MessageView,
  type SideStatus,
  sideFailureSchema,
} from "@/lib/protocol";

/** Everything that chat reads of a conversation. */
export const conversationInclude = {
  model: true,
  messages: { orderBy: { ordinal: "asc" }, include: { model: true, images: imagesInclude } },
} as const satisfies Prisma.ConversationInclude;

export type ConversationRow = Prisma.ConversationGetPayload<{ include: typeof conversationInclude }>;
export type MessageRow = ConversationRow["messages"][number];

type SummaryRow = Pick<ConversationRow, "id" | "title" | "pinnedAt" | "createdAt" | "updatedAt">;

export function toSummary(row: SummaryRow): ConversationSummary {
  return {
    id: row.id,
    title: row.title,
    isPinned: row.pinnedAt !== null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function toConversationView(row: ConversationRow): ConversationView {
  return {
    ...toSummary(row),
    model: { name: row.model.name, displayName: row.model.displayName },
    systemPrompt: row.systemPrompt,
    parameters: chatParametersSchema.parse(row.parameters),
    leafId: row.leafId,
    messages: row.messages.map(toMessageView),
  };
}

export function toMessageView(row: MessageRow): MessageView {
  const { id, parentId, text } = row;
  const createdAt = row.createdAt.toISOString();
  if (row.role === "user") {
    return { role: "user", id, parentId, text, images: toImageViews(row.images), createdAt };
  }
  if (parentId === null || row.model === null) throw new Error(`Answer ${id} has no prompt or no model.`);
  return {
    role: "assistant",
    id,
    parentId,
    text: row.hiddenAt === null ? text : "",
    ...(row.hiddenAt === null ? {} : { isHidden: true as const }),
    createdAt,
    status: row.status,
    ...toStoppedBy(row),
    model: { name: row.model.name, displayName: row.model.displayName },
    isTruncated: row.finishReason === "length",
    failure: row.status === "failed" ? toFailure(row.errorCode, row.errorParam) : null,
    promptTokens: row.promptTokens,
    completionTokens: row.completionTokens,
    firstTokenMs: row.firstTokenMs,
    totalMs: row.totalMs,
    feedback: row.feedback,
  };
}

export function isRunning(status: SideStatus): boolean {
  return status === "queued" || status === "writing";
}

export function isRunningAnswer(message: MessageView): message is AssistantMessage {
  return message.role === "assistant" && isRunning(message.status);
}

export function toFailure(
  reason: string | null,
  parameter: string | null,
): NonNullable<AssistantMessage["failure"]> {
  const known = sideFailureSchema.safeParse(reason);
  return { reason: known.success ? known.data : "interrupted", parameter };
}
