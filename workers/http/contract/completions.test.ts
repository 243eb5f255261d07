import { expect, it } from "vitest";
import { describeEngines } from "./engines";

describeEngines("/v1/completions", (contract) => {
  const raw = { model: contract.model, temperature: 0, max_tokens: 8 };
  const prompt = "Once upon a time";

  it("continues a text, the same for its ids, with exact counts", async () => {
    const { tokens, count } = await contract.tokenized(prompt);
    const text = await contract.client.completions.create({ ...raw, prompt });
    const ids = await contract.client.completions.create({ ...raw, prompt: tokens });
    expect(text.choices[0]?.text).not.toBe("");
    expect(ids.choices[0]?.text).toBe(text.choices[0]?.text);
    expect(text.usage).toMatchObject({
      prompt_tokens: count,
      completion_tokens: 8,
      total_tokens: count + 8,
    });
    expect(text.choices[0]?.finish_reason).toBe("length");
  });

  it("takes several prompts, each answered n times, whole and as a stream", async () => {
    const { tokens } = await contract.tokenized(prompt);
    const alone = await contract.client.completions.create({ ...raw, prompt });
    const request = { ...raw, prompt: [prompt, "Two and two"], n: 2 };
    const several = await contract.client.completions.create(request);
    expect(several.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(several.choices[1]?.text).toBe(alone.choices[0]?.text);
    expect(several.usage?.completion_tokens).toBe(32);
    const texts = ["", "", "", ""];
    for await (const { choices } of await contract.client.completions.create({ ...request, stream: true })) {
      for (const { index, text } of choices) texts[index] += text;
    }
    expect(texts).toEqual(several.choices.map(({ text }) => text));
    const byIds = await contract.client.completions.create({ ...raw, prompt: [tokens, tokens] });
    expect(byIds.choices.map(({ text }) => text)).toEqual([texts[0], texts[0]]);
  });

  it("echoes a text or ids", async () => {
    const { tokens } = await contract.tokenized(prompt);
    const plain = await contract.client.completions.create({ ...raw, prompt });
    for (const given of [prompt, tokens]) {
      const echoed = await contract.client.completions.create({ ...raw, prompt: given, echo: true });
      expect(echoed.choices[0]?.text).toBe(prompt + (plain.choices[0]?.text ?? ""));
    }
  });

  it("gives logprobs in their older form, offsets included", async () => {
    const { choices } = await contract.client.completions.create({ ...raw, prompt, logprobs: 2 });
    const [choice] = choices;
    const {
      tokens = [],
      token_logprobs: own,
      top_logprobs: top,
      text_offset: offsets,
    } = choice?.logprobs ?? {};
    expect(tokens.join("")).toBe(choice?.text);
    expect(tokens).toHaveLength(8);
    for (const [index, token] of tokens.entries()) {
      expect(choice?.text.slice(offsets?.[index]).startsWith(token)).toBe(true);
      expect(top?.[index]?.[token]).toBe(own?.[index]);
      expect(Object.keys(top?.[index] ?? {})).toHaveLength(2);
    }
  });

  it.each([
    [{ suffix: "end" }, "suffix"],
    [{ best_of: 3 }, "best_of"],
    [{ echo: true, logprobs: 1 }, "logprobs"],
    [{ tools: [] }, "tools"],
  ])("refuses %j by name", async (changes, param) => {
    await expect(contract.client.completions.create({ ...raw, prompt, ...changes })).rejects.toMatchObject({
      status: 400,
      code: "unsupported_parameter",
      param,
    });
  });

  it("calls ids outside the vocabulary invalid", async () => {
    await expect(contract.client.completions.create({ ...raw, prompt: [999_999_999] })).rejects.toMatchObject(
      {
        status: 400,
        code: "invalid_request",
        param: "prompt",
      },
    );
  });
});
