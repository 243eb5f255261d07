import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import type { Message } from "./verdict";

export type Api = {
  /** Ends in /v1. */
  url: string;
  apiKey: string | null;
};

const answerSchema = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string().nullable() }) })]),
});
const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** A busy or restarting worker is back within this; a run can be continued if not. */
const attempts = 6;
const firstDelayMs = 250;

export type Question = { model: string; messages: readonly Message[]; maxTokens: number };

/** A greedy answer. Errors: `upstream_failed` with the API's own sentence; a refusal that may pass is tried again. */
export async function askModel(
  api: Api,
  { model, messages, maxTokens }: Question,
  signal: AbortSignal,
): Promise<string> {
  const body = { model, messages, max_tokens: maxTokens, temperature: 0, seed: 0 };
  const answer = answerSchema.parse(await call(api, "/chat/completions", signal, body));
  return answer.choices[0].message.content ?? "";
}

/** Names of the models that are served now. */
export async function servedModels(api: Api, signal: AbortSignal): Promise<string[]> {
  return listSchema.parse(await call(api, "/models", signal)).data.map(({ id }) => id);
}

async function call(api: Api, path: string, signal: AbortSignal, body?: object): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${api.url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        ...(api.apiKey === null ? {} : { authorization: `Bearer ${api.apiKey}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    }).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new AppError("upstream_failed", { message: `${api.url} cannot be reached.`, cause });
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const mayPass = response.status === 429 || response.status >= 500;
    if (!mayPass || attempt === attempts) {
      throw new AppError("upstream_failed", {
        message: `${api.url}${path}: ${response.status}, ${sentenceOf(text)}`,
      });
    }
    const asked = Number(response.headers.get("retry-after")) * 1_000;
    await wait(Math.max(asked || 0, firstDelayMs * 2 ** (attempt - 1)), undefined, { signal });
  }
}

function sentenceOf(text: string): string {
  try {
    return errorSchema.parse(JSON.parse(text)).error.message;
  } catch {
    // A proxy's page, say.
    return text.slice(0, 200);
  }
}
