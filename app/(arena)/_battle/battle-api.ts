import { callApi } from "@/app/_data/call-api";
import {
  type BattleView,
  battleViewSchema,
  type OpenBattle,
  type Outcome,
  openBattleSchema,
  type PromptRequest,
  type RevealedBattle,
  revealedBattleSchema,
  type Side,
  type StartRequest,
  type VoteReasons,
  voteReasonsSchema,
} from "@/lib/protocol";

/** The calls of the battle page. Errors of each: `ApiError`. */
export const battleApi = {
  get: (id: string): Promise<BattleView> => callApi(path(id), battleViewSchema),

  /** Without models the site draws a blind pair. */
  start: (request: StartRequest, signal: AbortSignal): Promise<OpenBattle> =>
    post("/api/battles", request, signal),

  continue: (id: string, request: PromptRequest, signal: AbortSignal): Promise<OpenBattle> =>
    post(path(id, "turns"), request, signal),

  /** Without a prompt: the same one again. */
  regenerate: (id: string, prompt: string | undefined, idempotencyKey: string): Promise<OpenBattle> =>
    post(path(id, "regenerate"), { prompt, idempotencyKey }),

  stop: (id: string): Promise<OpenBattle> => post(path(id, "stop"), {}),

  retry: (id: string, side: Side): Promise<OpenBattle> => post(path(id, "retry"), { side }),

  swap: (id: string): Promise<OpenBattle> => post(path(id, "swap"), {}),

  reasons: (id: string, reasons: VoteReasons, signal: AbortSignal): Promise<VoteReasons> =>
    callApi(path(id, "reasons"), voteReasonsSchema, { method: "POST", body: reasons, signal }),

  vote: (id: string, outcome: Outcome, idempotencyKey: string): Promise<RevealedBattle> =>
    callApi(path(id, "vote"), revealedBattleSchema, { method: "POST", body: { outcome, idempotencyKey } }),

  eventsPath: (id: string): string => path(id, "events"),
};

function path(id: string, verb?: string): string {
  const base = `/api/battles/${encodeURIComponent(id)}`;
  return verb === undefined ? base : `${base}/${verb}`;
}

function post(address: string, body: unknown, signal?: AbortSignal): Promise<OpenBattle> {
  return callApi(address, openBattleSchema, { method: "POST", body, signal });
}
