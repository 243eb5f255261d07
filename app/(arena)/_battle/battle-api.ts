import { callApi } from "@/app/_data/call-api";
import {
  type BattleView,
  battleViewSchema,
  type OpenBattle,
  openBattleSchema,
  type PromptRequest,
  type RegenerateRequest,
  type RevealedBattle,
  revealedBattleSchema,
  type Side,
  type StartRequest,
  type VoteReasons,
  type VoteRequest,
  voteReasonsSchema,
} from "@/lib/protocol";
import type { Signals } from "./lost-prompt";

/** The calls of the battle page. Errors of each: `ApiError`. */
export const battleApi = {
  get: (id: string): Promise<BattleView> => callApi(path(id), battleViewSchema),

  /** Without models the site draws a blind pair. */
  start: (request: StartRequest, { leave, until }: Signals): Promise<OpenBattle> =>
    post("/api/battles", request, { signal: leave, until }),

  continue: (id: string, request: PromptRequest, signal: AbortSignal): Promise<OpenBattle> =>
    post(path(id, "turns"), request, { signal }),

  /** Without a prompt: the same one again. */
  regenerate: (id: string, request: RegenerateRequest): Promise<OpenBattle> =>
    post(path(id, "regenerate"), request),

  stop: (id: string): Promise<OpenBattle> => post(path(id, "stop"), {}),

  retry: (id: string, side: Side): Promise<OpenBattle> => post(path(id, "retry"), { side }),

  swap: (id: string): Promise<OpenBattle> => post(path(id, "swap"), {}),

  /** Arrives also where the page is left meanwhile. */
  reasons: (id: string, reasons: VoteReasons): Promise<VoteReasons> =>
    callApi(path(id, "reasons"), voteReasonsSchema, { method: "POST", body: reasons, keepalive: true }),

  /** The page always says which turn it judges. */
  vote: (id: string, request: VoteRequest & { turnId: string }): Promise<RevealedBattle> =>
    callApi(path(id, "vote"), revealedBattleSchema, { method: "POST", body: request }),

  eventsPath: (id: string): string => path(id, "events"),
};

function path(id: string, verb?: string): string {
  const base = `/api/battles/${encodeURIComponent(id)}`;
  return verb === undefined ? base : `${base}/${verb}`;
}

type Ends = { signal?: AbortSignal; until?: AbortSignal };

function post(address: string, body: unknown, ends: Ends = {}): Promise<OpenBattle> {
  return callApi(address, openBattleSchema, { method: "POST", body, ...ends });
}
