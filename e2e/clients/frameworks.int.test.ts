import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage } from "@langchain/core/messages";
import { tool as langChainTool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ClientSite, chatModel, smallModel, startClientSite } from "./start-site";

/** LangChain and the AI SDK against the bundled models, over real sockets. */

let site: ClientSite;

beforeAll(async () => {
  site = await startClientSite();
});
afterAll(() => site.close());

const prompt = "Please work out 75 + 29.";
const question = "What is the weather in Paris?";
const citySchema = z.object({ city: z.enum(["Paris", "London"]) });

describe("LangChain", () => {
  const model = (fields: Partial<ConstructorParameters<typeof ChatOpenAI>[0] & object> = {}) =>
    new ChatOpenAI({
      model: chatModel,
      apiKey: "none",
      maxTokens: 24,
      maxRetries: 0,
      modelKwargs: { seed: 7 },
      configuration: { baseURL: site.baseURL },
      ...fields,
    });

  it("invokes and streams the same text, with its usage", async () => {
    const whole = await model().invoke([new HumanMessage(prompt)]);
    expect(whole.text).not.toBe("");
    expect(whole.usage_metadata?.output_tokens).toBeGreaterThan(0);
    let text = "";
    let tokens = 0;
    for await (const chunk of await model().stream([new HumanMessage(prompt)])) {
      text += chunk.text;
      tokens += chunk.usage_metadata?.output_tokens ?? 0;
    }
    expect(text).toBe(whole.text);
    expect(tokens).toBe(whole.usage_metadata?.output_tokens);
  });

  it("talks to /v1/responses", async () => {
    const whole = await model({ useResponsesApi: true }).invoke([new HumanMessage(prompt)]);
    expect(whole.text).toBe((await model().invoke([new HumanMessage(prompt)])).text);
  });

  it("calls a tool", async () => {
    const weather = langChainTool(async () => "Sunny.", {
      name: "weather",
      description: "Weather of a city",
      schema: citySchema,
    });
    const bound = model({ maxTokens: 96 }).bindTools([weather], { tool_choice: "weather" });
    const { tool_calls: calls } = await bound.invoke(question);
    expect(calls?.[0]).toMatchObject({ name: "weather" });
    expect(citySchema.parse(calls?.[0]?.args)).toBeTruthy();
  });

  it("keeps to a schema", async () => {
    const structured = model({ maxTokens: 96 }).withStructuredOutput(citySchema, {
      method: "jsonSchema",
      name: "city",
    });
    expect(citySchema.parse(await structured.invoke(question))).toBeTruthy();
  });

  it("embeds", async () => {
    const embeddings = new OpenAIEmbeddings({
      model: smallModel,
      apiKey: "none",
      configuration: { baseURL: site.baseURL },
    });
    const vectors = await embeddings.embedDocuments(["a cat", "a dog"]);
    expect(vectors).toHaveLength(2);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });

  it("gets an error with its status", async () => {
    await expect(model({ model: "none" }).invoke(prompt)).rejects.toMatchObject({ status: 404 });
  });
});

describe("the AI SDK", () => {
  const provider = () =>
    createOpenAICompatible({
      name: "arena",
      baseURL: site.baseURL,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
  const settings = { maxOutputTokens: 24, seed: 7, maxRetries: 0 };

  it("generates and streams the same text, with its usage", async () => {
    const whole = await generateText({ model: provider()(chatModel), prompt, ...settings });
    expect(whole.text).not.toBe("");
    const stream = streamText({ model: provider()(chatModel), prompt, ...settings });
    let text = "";
    for await (const part of stream.textStream) text += part;
    expect(text).toBe(whole.text);
    expect(await stream.usage).toMatchObject({
      inputTokens: whole.usage.inputTokens,
      outputTokens: whole.usage.outputTokens,
    });
  });

  it("calls a tool and goes on with its result", async () => {
    const asked: unknown[] = [];
    const { steps } = await generateText({
      model: provider()(chatModel),
      prompt: question,
      ...settings,
      maxOutputTokens: 96,
      tools: {
        weather: tool({
          description: "Weather of a city",
          inputSchema: citySchema,
          execute: async (input) => {
            asked.push(input);
            return "Sunny.";
          },
        }),
      },
      // A named tool is called once; with "required" a model this small calls until its tokens are spent.
      prepareStep: ({ stepNumber }) => ({
        toolChoice: stepNumber === 0 ? { type: "tool", toolName: "weather" } : "none",
      }),
      stopWhen: stepCountIs(2),
    });
    expect(steps).toHaveLength(2);
    expect(asked).toHaveLength(1);
    expect(citySchema.parse(asked[0])).toBeTruthy();
  });

  it("keeps to a schema", async () => {
    const { output } = await generateText({
      model: provider()(chatModel),
      prompt: question,
      ...settings,
      maxOutputTokens: 96,
      output: Output.object({ schema: citySchema }),
    });
    expect(citySchema.parse(output)).toBeTruthy();
  });

  it("goes on from a raw text, and embeds", async () => {
    const { text } = await generateText({
      model: provider().completionModel(smallModel),
      prompt: "Once",
      ...settings,
    });
    expect(text).not.toBe("");
    const { embeddings } = await embedMany({
      model: provider().embeddingModel(smallModel),
      values: ["a cat", "a dog"],
    });
    expect(embeddings).toHaveLength(2);
  });

  it("gets an error with its status", async () => {
    const refused = generateText({ model: provider()("none"), prompt, ...settings });
    await expect(refused).rejects.toMatchObject({ statusCode: 404, isRetryable: false });
  });
});
