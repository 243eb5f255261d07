import { describe, expect, it } from "vitest";
import { conversationKey } from "./conversation-key";

const system = { role: "system", content: "Be brief." };
const first = { role: "user", content: "Hello" };
const answer = { role: "assistant", content: "Hi." };

describe("the key of a conversation", () => {
  const key = conversationKey("demo", [system, first]);

  it("stays the same from turn to turn, and with its text in parts", () => {
    expect(conversationKey("demo", [system, first, answer, { role: "user", content: "More" }])).toBe(key);
    expect(
      conversationKey("demo", [system, { role: "user", content: [{ type: "text", text: "Hello" }] }]),
    ).toBe(key);
  });

  it.each([
    ["model", "other", [system, first]],
    ["system prompt", "demo", [{ role: "system", content: "Be long." }, first]],
    ["first message", "demo", [system, { role: "user", content: "Bye" }]],
  ])("differs with the %s", (_name, model, messages) => {
    expect(conversationKey(model, messages)).not.toBe(key);
  });
});
