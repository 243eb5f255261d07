import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { busyMachine, eventually } from "../test-support";
import { demoEngine, listen, type TestServer, testSecret } from "./test-support";

vi.setConfig(busyMachine);

/** The official client against a real model: what it sends is understood, and what it gets it can read. */

const engine = demoEngine();
let server: TestServer;
let client: OpenAI;

beforeAll(async () => {
  await engine.load();
  server = await listen(engine);
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: testSecret, maxRetries: 0 });
});
afterAll(async () => {
  await server.close(0);
  await engine.dispose();
});

const model = "demo-13m";
const messages = [{ role: "user" as const, content: "What is 70 + 54?" }];

describe("the official client", () => {
  it("lists models", async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model, "pirate"]);
  });

  it("gets a whole answer", async () => {
    const completion = await client.chat.completions.create({ model, messages, temperature: 0 });
    expect(completion.choices[0]).toMatchObject({ finish_reason: "stop", message: { role: "assistant" } });
    expect(completion.choices[0]?.message.content).toContain("124");
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage ?? raise();
    expect(prompt_tokens + completion_tokens).toBe(total_tokens);
  });

  it("gets the same answer as a stream, with the same usage", async () => {
    const whole = await client.chat.completions.create({ model, messages, temperature: 0 });
    const stream = client.chat.completions.stream({
      model,
      messages,
      temperature: 0,
      stream_options: { include_usage: true },
    });
    const streamed = await stream.finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(streamed.choices[0]?.finish_reason).toBe("stop");
    expect(streamed.usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
    expect(streamed.usage?.prompt_tokens).toBe(whole.usage?.prompt_tokens);
  });

  it("gets the same text for the same seed", async () => {
    const seeded = () =>
      client.chat.completions.create({
        model,
        messages: [{ role: "user", content: "Tell me a short story about a fox." }],
        temperature: 1,
        seed: 42,
        max_completion_tokens: 60,
      });
    const texts = (await Promise.all([seeded(), seeded(), seeded()])).map(
      (one) => one.choices[0]?.message.content,
    );
    expect(new Set(texts).size).toBe(1);
  });

  it("gets errors that it can tell apart", async () => {
    await expect(client.chat.completions.create({ model: "other", messages })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    await expect(client.chat.completions.create({ model, messages, store: true })).rejects.toMatchObject({
      status: 400,
      code: "unsupported_parameter",
      param: "store",
      type: "invalid_request_error",
    });
    const long = [{ role: "user" as const, content: "word ".repeat(2000) }];
    await expect(
      client.chat.completions.create({ model, messages: long, stream: true }),
    ).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "wrong", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it("frees the slot when it aborts a stream", async () => {
    const endless = {
      model,
      messages: [{ role: "user" as const, content: "Tell me a story." }],
      stream: true as const,
      ignore_eos: true,
    };
    const stream = await client.chat.completions.create(endless);
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await eventually(() => engine.status().busySlots).toBe(0);
  });
});

function raise(): never {
  throw new Error("no usage");
}
