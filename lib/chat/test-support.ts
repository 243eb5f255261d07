import { randomUUID } from "node:crypto";
import pino from "pino";
import { registerModels } from "@/lib/arena";
import { offer, type Scripts, scriptedController } from "@/lib/arena/test-support";
import type { Database } from "@/lib/db";
import { unmoderated } from "@/lib/moderation/test-support";
import type { ChatParameters, ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { LiveConversations } from "./live-conversations";

/** Chat over a real database and scripted models. */
export async function scriptedChat(
  db: Database,
  models: readonly string[],
  scripts: Scripts,
  orphanGraceMs = 60_000,
) {
  const logger = pino({ level: "silent" });
  const { controller, requests } = scriptedController(models, scripts);
  await registerModels(db, models.map(offer));
  const maxTokens = 512;
  const live = new LiveConversations({
    ...{ db, controller, logger, maxTokens, orphanGraceMs },
    moderation: unmoderated,
  });
  const chat: ChatDeps = {
    db,
    controller,
    live,
    maxTokens,
    waiting: { of: () => 0 },
    moderation: unmoderated,
  };
  return { chat, requests };
}

export function opening(
  model: string,
  text: string,
  settings: { systemPrompt?: string; parameters?: ChatParameters } = {},
) {
  return { model, text, systemPrompt: "", parameters: {}, idempotencyKey: randomUUID(), ...settings };
}

export function followUp(text: string, parentId: string | null) {
  return { text, parentId, idempotencyKey: randomUUID() };
}

/** The conversation once nothing of it is being written. */
export async function settled(
  chat: ChatDeps,
  visitorId: string,
  conversation: ConversationView,
): Promise<ConversationView> {
  const live = await chat.live.refresh(conversation.id, visitorId);
  await live.settled();
  return live.view();
}
