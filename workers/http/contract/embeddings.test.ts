import { expect, it } from "vitest";
import { describeEngines } from "./engines";

describeEngines("/v1/embeddings", (contract) => {
  const { model } = contract;

  it("gives unit vectors, the same one by one and together, as numbers and as base64", async () => {
    const input = ["the king and the queen", "the number seven"];
    const floats = await contract.client.embeddings.create({ model, input, encoding_format: "float" });
    // The client asks for base64 by itself and decodes it.
    const decoded = await contract.client.embeddings.create({ model, input });
    const alone = await contract.client.embeddings.create({
      model,
      input: input[1] ?? "",
      encoding_format: "float",
    });
    const vectors = floats.data.map(({ embedding }) => embedding);
    for (const vector of vectors) {
      expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4);
    }
    expect(vectors[0]).not.toEqual(vectors[1]);
    expect(alone.data[0]?.embedding).toEqual(vectors[1]);
    for (const [index, value] of (decoded.data[0]?.embedding ?? []).entries()) {
      expect(value).toBeCloseTo(vectors[0]?.[index] ?? Number.NaN, 6);
    }
    expect(decoded.data[0]?.embedding).toHaveLength(vectors[0]?.length ?? -1);
  });

  it("takes ids, and counts them", async () => {
    const { tokens, count } = await contract.tokenized("the number seven");
    const ids = await contract.client.embeddings.create({ model, input: tokens, encoding_format: "float" });
    const text = await contract.client.embeddings.create({
      model,
      input: "the number seven",
      encoding_format: "float",
    });
    expect(ids.data[0]?.embedding).toEqual(text.data[0]?.embedding);
    expect(ids.usage).toEqual({ prompt_tokens: count, total_tokens: count });
  });

  it("refuses dimensions", async () => {
    await expect(
      contract.client.embeddings.create({ model, input: "x", dimensions: 4 }),
    ).rejects.toMatchObject({
      status: 400,
      code: "unsupported_parameter",
      param: "dimensions",
    });
  });
});
