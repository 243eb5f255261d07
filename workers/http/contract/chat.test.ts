import { describe, expect, it } from "vitest";
import type { Capability } from "@/lib/protocol";
import { describeEngines } from "./engines";

describeEngines("chat", (contract) => {
  const { model, lacks, engine } = contract;

  it("offers what it can do, and nothing else", () => {
    const all: Capability[] = ["chat", "completion", "embedding", "tools", "json", "logprobs"];
    const offered = contract.front.models().find(({ name }) => name === model)?.capabilities ?? [];
    expect(new Set(offered)).toEqual(new Set(all.filter((capability) => !lacks.includes(capability))));
  });

  it("calls the model as the request does, whole and in each chunk", async () => {
    const whole = await contract.client.chat.completions.create(contract.base());
    const names = new Set([whole.model]);
    for await (const chunk of await contract.client.chat.completions.create({
      ...contract.base(),
      stream: true,
    })) {
      names.add(chunk.model);
    }
    expect([...names]).toEqual([model]);
  });

  describe("logit_bias", () => {
    it("keeps a banned token out", async () => {
      const plain = await contract.client.chat.completions.create({ ...contract.base(), logprobs: true });
      const first = plain.choices[0]?.logprobs?.content?.[0]?.token ?? "";
      const id = engine.tokenize(model, first)[0];
      const banned = await contract.client.chat.completions.create({
        ...contract.base(),
        logit_bias: { [String(id)]: -100 },
        logprobs: true,
      });
      expect(first).not.toBe("");
      expect(banned.choices[0]?.logprobs?.content?.map(({ token }) => token)).not.toContain(first);
    });
  });

  describe("n", () => {
    it("gives so many answers, whole, and counts the prompt once", async () => {
      const one = await contract.client.chat.completions.create({
        ...contract.base(),
        temperature: 1,
        seed: 5,
      });
      const three = await contract.client.chat.completions.create({
        ...contract.base(),
        temperature: 1,
        seed: 5,
        n: 3,
      });
      expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
      expect(three.choices[0]?.message.content).toBe(one.choices[0]?.message.content);
      expect(three.usage?.prompt_tokens).toBe(one.usage?.prompt_tokens);
      expect(three.usage?.completion_tokens).toBeGreaterThanOrEqual(3);
      expect(three.usage?.total_tokens).toBe(
        (three.usage?.prompt_tokens ?? 0) + (three.usage?.completion_tokens ?? 0),
      );
    });

    it("gives the same answers as a stream of interleaved choices", async () => {
      const request = { ...contract.base(), temperature: 1, seed: 5, n: 3 };
      const whole = await contract.client.chat.completions.create(request);
      const stream = contract.client.chat.completions.stream({
        ...request,
        stream_options: { include_usage: true },
      });
      const order: number[] = [];
      stream.on("chunk", ({ choices }) => order.push(...choices.map(({ index }) => index)));
      const streamed = await stream.finalChatCompletion();
      const texts = (choices: typeof whole.choices) => choices.map(({ message }) => message.content);
      expect(texts(streamed.choices)).toEqual(texts(whole.choices));
      expect(streamed.usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
      // Not one answer after another.
      expect(order.indexOf(1)).toBeLessThan(order.lastIndexOf(0));
    });
  });

  describe("logprobs", () => {
    it("come with every token, the sampled one among the best of a greedy answer", async () => {
      const answer = await contract.client.chat.completions.create({
        ...contract.base(),
        logprobs: true,
        top_logprobs: 5,
      });
      const [choice] = answer.choices;
      const content = choice?.logprobs?.content ?? [];
      expect(content.map(({ token }) => token).join("")).toBe(choice?.message.content);
      expect(content.length).toBeGreaterThan(0);
      for (const { token, logprob, bytes, top_logprobs: top } of content) {
        expect(Buffer.from(bytes ?? []).toString()).toBe(token);
        expect(top).toHaveLength(5);
        expect(top[0]?.token).toBe(token);
        expect(top[0]?.logprob).toBe(logprob);
        expect(logprob).toBeLessThanOrEqual(0);
        const values = top.map((entry) => entry.logprob);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
        expect(values.reduce((sum, value) => sum + Math.exp(value), 0)).toBeLessThanOrEqual(1.0001);
      }
    });

    it("change nothing about the answer, and are the same in a stream", async () => {
      const request = { ...contract.base(), temperature: 1, seed: 11 };
      const without = await contract.client.chat.completions.create(request);
      const whole = await contract.client.chat.completions.create({
        ...request,
        logprobs: true,
        top_logprobs: 2,
      });
      const streamed = await contract.client.chat.completions
        .stream({ ...request, logprobs: true, top_logprobs: 2 })
        .finalChatCompletion();
      expect(without.choices[0]?.logprobs).toBeNull();
      expect(whole.choices[0]?.message.content).toBe(without.choices[0]?.message.content);
      expect(streamed.choices[0]?.message.content).toBe(without.choices[0]?.message.content);
      const tokens = (choice: (typeof whole.choices)[0] | undefined) =>
        choice?.logprobs?.content?.map(({ token }) => token);
      expect(tokens(streamed.choices[0])).toEqual(tokens(whole.choices[0]));
    });
  });
});
