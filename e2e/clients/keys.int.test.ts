import OpenAI, { NotFoundError, PermissionDeniedError, RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, readUsage } from "@/lib/accounts";
import { type ClientSite, chatModel, smallModel, startClientSite } from "./start-site";

/** Keys, budgets and usage as the official client meets them, against the bundled models. */

let site: ClientSite;

beforeAll(async () => {
  site = await startClientSite({ ARENA_API_KEYS: "key-of-the-operator" });
});
afterAll(() => site.close());

async function clientWith(settings: Omit<Parameters<typeof createKey>[1], "name" | "ownerLabel">) {
  const { secret } = await createKey(site.db, { name: "test", ownerLabel: "lab", ...settings });
  return new OpenAI({ baseURL: site.baseURL, apiKey: secret, maxRetries: 0 });
}

const chat = { model: chatModel, messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 8 };

describe("a key", () => {
  it("sees and uses only what is in its scopes", async () => {
    const client = await clientWith({ models: [smallModel], endpoints: ["chat", "models"] });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([smallModel]);
    await expect(client.chat.completions.create(chat)).rejects.toThrow(NotFoundError);
    const embedding = client.embeddings.create({ model: smallModel, input: "x" });
    await expect(embedding).rejects.toThrow(PermissionDeniedError);
    await expect(embedding).rejects.toMatchObject({ code: "permission_denied" });
  });

  it("is told its budget on every answer, streams included, and refused beyond it", async () => {
    const client = await clientWith({ requestsPerMinute: 2 });
    const first = await client.chat.completions.create(chat).withResponse();
    expect(first.response.headers.get("x-ratelimit-limit-requests")).toBe("2");
    const second = await client.chat.completions.create({ ...chat, stream: true }).withResponse();
    expect(second.response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    for await (const chunk of second.data) expect(chunk.choices).toHaveLength(1);
    const third = client.chat.completions.create(chat);
    await expect(third).rejects.toThrow(RateLimitError);
    await expect(third).rejects.toMatchObject({ code: "rate_limit_exceeded", type: "requests" });
    const refusal = await third.catch((error: InstanceType<typeof RateLimitError>) => error);
    expect(Number((refusal as RateLimitError).headers?.get("retry-after"))).toBeGreaterThan(0);
  });

  it("is charged what the worker counted, whole, streamed or as a response", async () => {
    const { secret, key } = await createKey(site.db, { name: "counted", ownerLabel: "lab" });
    const client = new OpenAI({ baseURL: site.baseURL, apiKey: secret, maxRetries: 0 });
    const { usage } = await client.chat.completions.create({ ...chat, seed: 5 });
    const stream = await client.chat.completions.create({ ...chat, seed: 5, stream: true });
    for await (const chunk of stream) expect(chunk).not.toHaveProperty("usage");
    await client.responses.create({ model: chatModel, input: "Hi", max_output_tokens: 8, seed: 5 } as never);
    const told = { promptTokens: usage?.prompt_tokens, completionTokens: usage?.completion_tokens };
    await expect
      .poll(async () => (await readUsage(site.db, {})).filter(({ keyPrefix }) => keyPrefix === key.prefix), {
        timeout: 10_000,
      })
      .toMatchObject([
        {
          endpoint: "chat",
          requests: 2,
          promptTokens: 2 * (told.promptTokens ?? 0),
          completionTokens: 2 * (told.completionTokens ?? 0),
        },
        { endpoint: "responses", requests: 1, ...told },
      ]);
  });
});
