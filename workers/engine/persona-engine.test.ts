import { describe, expect, it } from "vitest";
import { mockEngine } from "../http/test-support";
import { parsePersona, readPersona } from "./persona";
import { inPersona, PersonaEngine } from "./persona-engine";
import type { GenerateRequest } from "./types";

const captain = parsePersona({
  name: "captain",
  displayName: "The Captain",
  role: "a captain",
  system: "Speak briefly.",
  defaults: { temperature: 0.3, top_k: -1, max_tokens: 50, stop: "END" },
});
const request: GenerateRequest = {
  model: "captain",
  prompt: { kind: "chat", turns: [{ role: "user", content: "Hi" }] },
  maxTokens: null,
  stop: [],
  sampling: { temperature: undefined, seed: 4 },
  ignoresEndOfTurn: false,
  mayReusePrefix: true,
};

describe("inPersona", () => {
  it("puts its instructions first and its defaults where the request says nothing", () => {
    expect(inPersona(request, captain, "base")).toEqual({
      ...request,
      model: "base",
      prompt: {
        kind: "chat",
        turns: [
          { role: "system", content: "You are a captain.\nSpeak briefly." },
          { role: "user", content: "Hi" },
        ],
      },
      maxTokens: 50,
      stop: ["END"],
      sampling: { temperature: 0.3, topK: 0, seed: 4 },
    });
  });

  it("gives way to the request, and keeps one system message", () => {
    const own: GenerateRequest = {
      ...request,
      prompt: { kind: "chat", turns: [{ role: "system", content: "In French." }] },
      maxTokens: 7,
      stop: ["."],
      sampling: { temperature: 1 },
    };
    expect(inPersona(own, captain, "base")).toMatchObject({
      prompt: { turns: [{ role: "system", content: "You are a captain.\nSpeak briefly.\n\nIn French." }] },
      maxTokens: 7,
      stop: ["."],
      sampling: { temperature: 1 },
    });
  });
});

describe("PersonaEngine", () => {
  it("offers personas beside the model, for conversations", async () => {
    const engine = new PersonaEngine(mockEngine("plain"), [captain]);
    await engine.load();
    expect(engine.models()).toMatchObject([
      { name: "scripted" },
      { name: "captain", displayName: "The Captain", capabilities: ["chat", "tools", "json", "logprobs"] },
    ]);
    expect(engine.tokenize("captain", "two words")).toHaveLength(2);
  });

  it("loads neither a name that is taken nor one with an unknown base", async () => {
    const load = (persona: object) =>
      new PersonaEngine(mockEngine("plain"), [parsePersona({ system: "x", ...persona })]).load();
    await expect(load({ name: "scripted" })).rejects.toThrow('Two models would be offered as "scripted".');
    await expect(load({ name: "p", base: "none" })).rejects.toThrow('there are "scripted"');
  });
});

it.each([
  [{ name: "p" }, "role or system is needed"],
  [{ name: "p", system: "x", defaults: { temperature: 9 } }, "defaults.temperature"],
  [{ name: "p", system: "x", defaults: { stream: true } }, "stream"],
  [{ name: "a b", system: "x" }, "name"],
  [{ name: "p", system: "x", colour: "red" }, "colour"],
])("refuses %j", (value, reason) => {
  expect(() => parsePersona(value)).toThrow(reason);
});

it("names the file that cannot be read", async () => {
  await expect(readPersona("none.json")).rejects.toThrow("The persona none.json cannot be used");
});
