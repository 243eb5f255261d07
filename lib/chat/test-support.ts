import { randomUUID } from "node:crypto";
import pino from "pino";
import { registerModels } from "@/lib/arena";
import { offer, type Scripts, scriptedController } from "@/lib/arena/test-support";
import type { Database } from "@/lib/db";
import { branchTo } from "@/lib/message-tree";
import { unmoderated } from "@/lib/moderation/test-support";
import type { AssistantMessage, ChatParameters, ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { LiveConversations } from "./live-conversations";
import { startConversation } from "./start-conversation";

export const models = ["falcon", "osprey"];
/** The model's name, and the place of the turn that it answers. */
export const plain: Scripts = (model, turn) => ({ pieces: [model, " ", String(turn)] });

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

/** A conversation with one answered message of a new visitor. */
export async function begun(db: Database, scripts: Scripts = plain) {
  const { chat, requests } = await scriptedChat(db, models, scripts);
  const visitorId = randomUUID();
  const first = await startConversation(chat, visitorId, opening("falcon", "One"));
  return { chat, requests, visitorId, first: await settled(chat, visitorId, first) };
}

/** The answer at the end of the branch that is shown. */
export function lastAnswer(conversation: ConversationView): AssistantMessage {
  const last = branchTo(conversation.messages, conversation.leafId).at(-1);
  if (last?.role !== "assistant") throw new Error("The branch does not end with an answer.");
  return last;
}
