import { callApi } from "@/app/_data/call-api";
import {
  type BattleView,
  type BlindBattle,
  battleViewSchema,
  blindBattleSchema,
  type Outcome,
  type RevealedBattle,
  revealedBattleSchema,
  type Side,
} from "@/lib/protocol";

/** The calls of the battle page. Errors of each: `ApiError`. */
export const battleApi = {
  get: (id: string): Promise<BattleView> => callApi(path(id), battleViewSchema),

  start: (prompt: string, idempotencyKey: string, signal: AbortSignal): Promise<BlindBattle> =>
    post("/api/battles", { prompt, idempotencyKey }, signal),

  continue: (id: string, prompt: string, idempotencyKey: string, signal: AbortSignal): Promise<BlindBattle> =>
    post(path(id, "turns"), { prompt, idempotencyKey }, signal),

  /** Without a prompt: the same one again. */
  regenerate: (id: string, prompt: string | undefined, idempotencyKey: string): Promise<BlindBattle> =>
    post(path(id, "regenerate"), { prompt, idempotencyKey }),

  stop: (id: string): Promise<BlindBattle> => post(path(id, "stop"), {}),

  retry: (id: string, side: Side): Promise<BlindBattle> => post(path(id, "retry"), { side }),

  vote: (id: string, outcome: Outcome, idempotencyKey: string): Promise<RevealedBattle> =>
    callApi(path(id, "vote"), revealedBattleSchema, { method: "POST", body: { outcome, idempotencyKey } }),

  eventsPath: (id: string): string => path(id, "events"),
};

function path(id: string, verb?: string): string {
  const base = `/api/battles/${encodeURIComponent(id)}`;
  return verb === undefined ? base : `${base}/${verb}`;
}

function post(address: string, body: unknown, signal?: AbortSignal): Promise<BlindBattle> {
  return callApi(address, blindBattleSchema, { method: "POST", body, signal });
}
