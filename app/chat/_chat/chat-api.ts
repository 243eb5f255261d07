import { callApi } from "@/app/_data/call-api";
import {
  type ChangeConversationRequest,
  type ChatModels,
  type ConversationList,
  type ConversationView,
  chatModelsSchema,
  conversationListSchema,
  conversationViewSchema,
  type DeletedConversation,
  deletedConversationSchema,
  type MessageFeedbackRequest,
  type RegenerateAnswerRequest,
  type SendMessageRequest,
  type StartConversationRequest,
} from "@/lib/protocol";

const root = "/api/chat/conversations";

/** The calls of the chat page. Errors of each: `ApiError`. */
export const chatApi = {
  models: (): Promise<ChatModels> => callApi("/api/chat/models", chatModelsSchema),

  list: (query: string, cursor: string | null, signal?: AbortSignal): Promise<ConversationList> => {
    const search = new URLSearchParams({ query, ...(cursor === null ? {} : { cursor }) });
    return callApi(`${root}?${search}`, conversationListSchema, { signal });
  },

  get: (id: string, signal?: AbortSignal): Promise<ConversationView> =>
    callApi(path(id), conversationViewSchema, { signal }),

  start: (request: StartConversationRequest, ends: Required<Ends>): Promise<ConversationView> =>
    post(root, request, ends),

  send: (id: string, request: SendMessageRequest, signal: AbortSignal): Promise<ConversationView> =>
    post(path(id, "messages"), request, { signal }),

  regenerate: (
    id: string,
    request: RegenerateAnswerRequest,
    signal: AbortSignal,
  ): Promise<ConversationView> => post(path(id, "regenerate"), request, { signal }),

  stop: (id: string): Promise<ConversationView> => post(path(id, "stop"), {}),

  select: (id: string, messageId: string): Promise<ConversationView> =>
    post(path(id, "select"), { messageId }),

  rate: (id: string, request: MessageFeedbackRequest): Promise<ConversationView> =>
    post(path(id, "feedback"), request),

  change: (id: string, request: ChangeConversationRequest): Promise<ConversationView> =>
    callApi(path(id), conversationViewSchema, { method: "PATCH", body: request }),

  remove: (id: string): Promise<DeletedConversation> =>
    callApi(path(id), deletedConversationSchema, { method: "DELETE" }),

  restore: (id: string): Promise<ConversationView> => post(path(id, "restore"), {}),

  eventsPath: (id: string): string => path(id, "events"),
};

function path(id: string, verb?: string): string {
  const base = `${root}/${encodeURIComponent(id)}`;
  return verb === undefined ? base : `${base}/${verb}`;
}

/** See `callApi`. */
type Ends = { signal?: AbortSignal; until?: AbortSignal };

function post(address: string, body: unknown, ends: Ends = {}): Promise<ConversationView> {
  return callApi(address, conversationViewSchema, { method: "POST", body, ...ends });
}
