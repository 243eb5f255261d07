import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { regenerateAnswer } from "./regenerate-answer";
import { sendMessage } from "./send-message";
import { startConversation } from "./start-conversation";
import { followUp, lastAnswer, models, opening, scriptedChat, settled } from "./test-support";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it("charges the tokens of each answer once, to the request that asked for it", async () => {
  // Each answer is longer than the one before.
  const pieces: string[] = [];
  const { chat } = await scriptedChat(database.db, models, () => {
    pieces.push("so ");
    return { pieces: [...pieces] };
  });
  const visitorId = randomUUID();
  const charged: string[] = [];
  const chargeTo = (who: string) => (used: number) => void charged.push(`${who} ${used}`);

  const beginning = opening("falcon", "One");
  const begun = await startConversation(chat, visitorId, beginning, chargeTo("start"));
  await startConversation(chat, visitorId, beginning, chargeTo("again"));
  const first = await settled(chat, visitorId, begun);
  const message = followUp("Two", lastAnswer(first).id);
  const sent = await sendMessage(chat, visitorId, first.id, message, chargeTo("send"));
  const second = await settled(chat, visitorId, sent);
  await sendMessage(chat, visitorId, first.id, message, chargeTo("again"));
  const anew = { messageId: lastAnswer(second).id, idempotencyKey: randomUUID() };
  const asked = await regenerateAnswer(chat, visitorId, first.id, anew, chargeTo("regenerate"));
  await settled(chat, visitorId, asked);
  await regenerateAnswer(chat, visitorId, first.id, anew, chargeTo("again"));

  // The worker tells three tokens for each prompt.
  expect(charged).toEqual(["start 4", "send 5", "regenerate 6"]);
  const where = { conversationId: first.id, role: "assistant" } as const;
  const rows = await database.db.message.findMany({ where, orderBy: { ordinal: "asc" } });
  expect(rows.map(({ tokensUsed }) => tokensUsed)).toEqual([4, 5, 6]);
});
