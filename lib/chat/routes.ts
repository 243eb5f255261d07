import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Visitors, visitorOrNew } from "@/lib/accounts";
import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import { type EventStream, openEventStream } from "@/lib/http";
import {
  type ChatEvent,
  type ConversationList,
  changeConversationRequestSchema,
  listConversationsRequestSchema,
  messageFeedbackRequestSchema,
  parseInput,
  regenerateAnswerRequestSchema,
  selectBranchRequestSchema,
  sendMessageRequestSchema,
  startConversationRequestSchema,
} from "@/lib/protocol";
import { changeConversation } from "./change-conversation";
import { deleteConversation, restoreConversation } from "./delete-conversation";
import { deleteConversations } from "./delete-conversations";
import type { ChatDeps } from "./deps";
import { listConversations } from "./list-conversations";
import { listModels } from "./list-models";
import { rateMessage } from "./rate-message";
import { regenerateAnswer } from "./regenerate-answer";
import { selectBranch } from "./select-branch";
import { sendMessage } from "./send-message";
import { startConversation } from "./start-conversation";
import { stopAnswer } from "./stop-answer";

type Options = {
  chat: ChatDeps;
  visitors: Visitors;
  /** Counts a request as one that sends a prompt, or refuses it. Default: nobody counts. */
  countPrompt?: (request: FastifyRequest) => Promise<void>;
  /** Whom the tokens of the answers that a request asks for are charged to. Default: nobody. */
  chargeOf?: ((request: FastifyRequest) => ChargeTokens | undefined) | undefined;
};

const idSchema = z.object({ id: z.uuid() });
const emptySchema = z.strictObject({}).nullish();
const noConversations: ConversationList = { conversations: [], nextCursor: null };
const root = "/api/chat/conversations";

/** `/api/chat`, as lib/protocol/chat.ts describes it. */
export async function chatRoutes(
  app: FastifyInstance,
  { chat, visitors, countPrompt = async () => undefined, chargeOf = () => undefined }: Options,
): Promise<void> {
  /** Somebody else's conversation, one that never was and an id that is none look the same. */
  const addressOf = async (request: FastifyRequest): Promise<[visitorId: string, conversationId: string]> => {
    const visitorId = await visitors.read(request.headers.cookie);
    const params = idSchema.safeParse(request.params);
    if (visitorId === null || !params.success) throw new AppError("conversation_not_found");
    return [visitorId, params.data.id];
  };

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.get("/api/chat/models", async () => ({ models: await listModels(chat) }));

  app.get(root, async (request) => {
    const query = parseInput(listConversationsRequestSchema, request.query);
    const visitorId = await visitors.read(request.headers.cookie);
    return visitorId === null ? noConversations : listConversations(chat, visitorId, query);
  });

  app.post(root, async (request, reply) => {
    const body = parseInput(startConversationRequestSchema, request.body);
    reply.status(201);
    return startConversation(chat, await visitorOrNew(visitors, request, reply), body, chargeOf(request));
  });

  app.delete(root, async (request) => {
    const visitorId = await visitors.read(request.headers.cookie);
    return visitorId === null ? { conversations: 0 } : deleteConversations(chat, visitorId);
  });

  app.get(`${root}/:id`, async (request) => {
    const [visitorId, id] = await addressOf(request);
    return chat.live.view(id, visitorId);
  });

  app.patch(`${root}/:id`, async (request) => {
    const body = parseInput(changeConversationRequestSchema, request.body);
    return changeConversation(chat, ...(await addressOf(request)), body, () => countPrompt(request));
  });

  app.delete(`${root}/:id`, async (request) => deleteConversation(chat, ...(await addressOf(request))));

  app.post(`${root}/:id/restore`, async (request) => {
    parseInput(emptySchema, request.body);
    return restoreConversation(chat, ...(await addressOf(request)));
  });

  app.get(`${root}/:id/events`, async (request, reply) => {
    const [visitorId, id] = await addressOf(request);
    // Errors must still be able to become an answer, so the stream opens only once the conversation is being followed.
    const early: ChatEvent[] = [];
    let stream: EventStream | null = null;
    const conversation = await chat.live.refresh(id, visitorId);
    const leave = conversation.subscribe((event) => {
      if (stream === null) early.push(event);
      else stream.send(event.type, event);
    });
    stream = openEventStream(request, reply);
    for (const event of early) stream.send(event.type, event);
    stream.onClose(leave);
  });

  app.post(`${root}/:id/messages`, async (request, reply) => {
    const body = parseInput(sendMessageRequestSchema, request.body);
    reply.status(201);
    return sendMessage(chat, ...(await addressOf(request)), body, chargeOf(request));
  });

  app.post(`${root}/:id/regenerate`, async (request, reply) => {
    const body = parseInput(regenerateAnswerRequestSchema, request.body);
    reply.status(201);
    return regenerateAnswer(chat, ...(await addressOf(request)), body, chargeOf(request));
  });

  app.post(`${root}/:id/stop`, async (request) => {
    parseInput(emptySchema, request.body);
    return stopAnswer(chat, ...(await addressOf(request)));
  });

  app.post(`${root}/:id/select`, async (request) => {
    const body = parseInput(selectBranchRequestSchema, request.body);
    return selectBranch(chat, ...(await addressOf(request)), body);
  });

  app.post(`${root}/:id/feedback`, async (request) => {
    const body = parseInput(messageFeedbackRequestSchema, request.body);
    return rateMessage(chat, ...(await addressOf(request)), body);
  });
}
