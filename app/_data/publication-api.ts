import { callApi } from "@/app/_data/call-api";
import {
  type PublicationRequest,
  type PublicationView,
  publicationViewSchema,
  type ShareList,
  type ShareRequest,
  type ShareView,
  shareListSchema,
  shareViewSchema,
  type Unpublished,
  unpublishedSchema,
} from "@/lib/protocol";

/** What a share button stands at. */
export type ShareTarget = { battleId: string } | { conversationId: string };

/** The calls of publication. Errors of each: `ApiError`. */
export const publicationApi = {
  choice: (battleId: string, signal: AbortSignal): Promise<PublicationView> =>
    callApi(choicePath(battleId), publicationViewSchema, { signal }),

  choose: (battleId: string, choice: PublicationRequest): Promise<PublicationView> =>
    callApi(choicePath(battleId), publicationViewSchema, { method: "POST", body: choice }),

  shares: (signal: AbortSignal, target?: ShareTarget): Promise<ShareList> => {
    const query =
      target === undefined
        ? ""
        : "battleId" in target
          ? `?battle=${target.battleId}`
          : `?conversation=${target.conversationId}`;
    return callApi(`/api/shares${query}`, shareListSchema, { signal });
  },

  publish: (target: ShareTarget, finds?: ShareRequest["finds"]): Promise<ShareView> =>
    callApi("/api/shares", shareViewSchema, { method: "POST", body: { ...target, finds } }),

  unpublish: (token: string): Promise<Unpublished> =>
    callApi(`/api/shares/${encodeURIComponent(token)}`, unpublishedSchema, { method: "DELETE" }),
};

const choicePath = (battleId: string) => `/api/battles/${encodeURIComponent(battleId)}/publication`;
