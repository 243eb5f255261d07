import { randomUUID } from "node:crypto";
import type { Outcome } from "@/lib/protocol";
import { until } from "./until";

export type Answer = { status: number; json: unknown };

/** A ballot: what is sent, as often as need be, until somebody acknowledges it. */
export type Ballot = { battleId: string; outcome: Outcome; idempotencyKey: string };

/** A visitor's browser as far as the API goes: it keeps its cookie. */
export class Visitor {
  #cookie = "";

  get cookie(): string {
    return this.#cookie;
  }

  /** Status 0: no answer came. */
  async call(url: string, method: string, path: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(url + path, {
        method,
        headers: { cookie: this.#cookie, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      this.#cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? this.#cookie;
      return { status: response.status, json: await response.json() };
    } catch (error) {
      return { status: 0, json: String(error) };
    }
  }

  /** The id of a new battle; null where none could be begun. */
  async begin(url: string, prompt: string): Promise<string | null> {
    const { status, json } = await this.call(url, "POST", "/api/battles", {
      prompt,
      idempotencyKey: randomUUID(),
    });
    return status === 201 ? (json as { id: string }).id : null;
  }

  async statusOf(url: string, id: string): Promise<string | null> {
    const { json } = await this.call(url, "GET", `/api/battles/${id}`);
    return (json as { status?: string }).status ?? null;
  }

  /** A battle whose vote is open. A side that fails is no news here: another battle is begun. Throws after three. */
  async ready(url: string, prompt = "Hello"): Promise<string> {
    let latest: Answer | null = null;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const id = await this.begin(url, prompt);
      if (id === null) continue;
      let status: string | null = null;
      await until(async () => {
        status = await this.statusOf(url, id);
        return status === "ready" || status === "blocked";
      }, 30_000);
      if (status === "ready") return id;
      latest = await this.call(url, "GET", `/api/battles/${id}`);
    }
    throw new Error(`No battle became ready: ${JSON.stringify(latest)}`);
  }

  async vote(url: string, { battleId, outcome, idempotencyKey }: Ballot): Promise<Answer> {
    return this.call(url, "POST", `/api/battles/${battleId}/vote`, { outcome, idempotencyKey });
  }
}

const outcomes = ["a", "b", "tie", "both_bad"] as const;

export function newBallot(battleId: string, index: number): Ballot {
  return { battleId, outcome: outcomes[index % outcomes.length] ?? "tie", idempotencyKey: randomUUID() };
}
