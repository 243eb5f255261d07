import { callApi } from "@/app/_data/call-api";
import {
  type BattleView,
  battleViewSchema,
  type ChosenModels,
  type OpenBattle,
  type Outcome,
  openBattleSchema,
  type RevealedBattle,
  revealedBattleSchema,
  type Side,
  type VoteReasons,
  voteReasonsSchema,
} from "@/lib/protocol";

/** The calls of the battle page. Errors of each: `ApiError`. */
export const battleApi = {
  get: (id: string): Promise<BattleView> => callApi(path(id), battleViewSchema),

  /** Without models the site draws a blind pair. */
  start: (
    prompt: string,
    models: ChosenModels | undefined,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<OpenBattle> => post("/api/battles", { prompt, idempotencyKey, models }, signal),

  continue: (id: string, prompt: string, idempotencyKey: string, signal: AbortSignal): Promise<OpenBattle> =>
    post(path(id, "turns"), { prompt, idempotencyKey }, signal),

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
