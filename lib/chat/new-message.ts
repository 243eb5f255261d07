import { v7 as uuidv7 } from "uuid";
import { newLease } from "@/lib/answers";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type ChatParameters, chatLimits } from "@/lib/protocol";

type Settings = { modelId: string; systemPrompt: string; parameters: unknown };

export function newPrompt(message: {
  text: string;
  parentId: string | null;
  idempotencyKey: string;
  ordinal: number;
}) {
  requireRoom(message.ordinal + 1);
  return { id: uuidv7(), role: "user", ...message } as const;
}

/** A queued answer that remembers with what it was asked for; the process that makes it holds its lease and writes it at once. */
export function newAnswer(
  message: { parentId: string; idempotencyKey?: string; ordinal: number },
  settings: Settings,
) {
  requireRoom(message.ordinal);
  const parameters = settings.parameters as ChatParameters;
  return {
    id: uuidv7(),
    role: "assistant",
    status: "queued",
    ...message,
    modelId: settings.modelId,
    request: { systemPrompt: settings.systemPrompt, parameters } satisfies Prisma.InputJsonObject,
    leaseUntil: newLease(),
  } as const;
}

function requireRoom(ordinal: number): void {
  if (ordinal >= chatLimits.maxMessages) throw new AppError("conversation_full");
}
