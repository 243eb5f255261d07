import { callApi } from "@/app/_data/call-api";
import {
  type DeletedConversations,
  type DeletedTexts,
  deletedConversationsSchema,
  deletedTextsSchema,
  type History,
  type HistoryFilter,
  historySchema,
  type PersonalBoard,
  personalBoardSchema,
} from "@/lib/protocol";

export type HistoryQuery = { filter: HistoryFilter; model: string; query: string };

/** The calls of the history page. Errors of each: `ApiError`. */
export const historyApi = {
  list({ filter, model, query }: HistoryQuery, cursor: string | null, signal: AbortSignal): Promise<History> {
    const parameters = new URLSearchParams({ filter });
    if (model !== "") parameters.set("model", model);
    if (query.trim() !== "") parameters.set("query", query.trim());
    if (cursor !== null) parameters.set("cursor", cursor);
    return callApi(`/api/history?${parameters}`, historySchema, { signal });
  },

  board: (signal: AbortSignal): Promise<PersonalBoard> =>
    callApi("/api/history/board", personalBoardSchema, { signal }),

  /** Without an id: of all battles. */
  deleteTexts: (id?: string): Promise<DeletedTexts> =>
    callApi(id === undefined ? "/api/history" : `/api/history/${id}`, deletedTextsSchema, {
      method: "DELETE",
    }),

  deleteChats: (): Promise<DeletedConversations> =>
    callApi("/api/chat/conversations", deletedConversationsSchema, { method: "DELETE" }),
};
