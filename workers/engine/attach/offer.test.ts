import { afterEach, describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import type { AttachEngineOptions } from "./attach-engine";
import { closeAll, closers, load, summary } from "./test-front";
import { attachEngine, plainRoutes, type Route, ScriptedUpstream, status } from "./test-support";

vi.setConfig(busyMachine);
afterEach(closeAll);

describe("a provider", () => {
  it("is believed what its list says, in the forms that are in use", async () => {
    const data = [
      {
        id: "openrouter/m",
        context_length: 200000,
        supported_parameters: ["tools", "response_format", "seed"],
      },
      {
        id: "mistral-small",
        max_context_length: 32000,
        capabilities: { completion_chat: true, function_calling: true },
      },
      { id: "groq-m", context_window: 8000 },
      { id: "text-embedding-3-small" },
      { id: "gpt-x", owned_by: "system" },
    ];
    const { engine, upstream } = await load({ "GET /v1/models": { data } });
    expect(summary(engine).models).toEqual([
      { name: "openrouter/m", contextLength: 200000, capabilities: ["chat", "tools", "json"] },
      { name: "mistral-small", contextLength: 32000, capabilities: ["chat", "tools", "json"] },
      { name: "groq-m", contextLength: 8000, capabilities: ["chat"] },
      { name: "text-embedding-3-small", contextLength: 8192, capabilities: ["embedding"] },
      { name: "gpt-x", contextLength: 8192, capabilities: ["chat"] },
    ]);
    expect(upstream.seen.every(({ method }) => method === "GET")).toBe(true);
  });

  it("below another path is asked for nothing but its models", async () => {
    const upstream = await new ScriptedUpstream({ "GET /openai/v1/models": [{ id: "m" }] }).start();
    const engine = attachEngine(upstream, { baseUrl: `${upstream.origin}/openai/v1` });
    closers.push(
      () => upstream.stop(),
      () => engine.dispose(),
    );
    await engine.load();
    expect(new Set(upstream.seen.map(({ url }) => url))).toEqual(new Set(["/openai/v1/models"]));
  });

  it("without a list is believed the operator", async () => {
    const models = [{ upstream: "gpt-x", publicName: "x" }];
    const { engine } = await load({}, { models, contextLength: 1000, capabilities: ["chat", "json"] });
    expect(summary(engine).models).toEqual([
      { name: "x", contextLength: 1000, capabilities: ["chat", "json"] },
    ]);
  });
});

describe("names of models", () => {
  const listed = { "GET /v1/models": [{ id: "models/x.Q8_0.gguf" }, { id: "/data/y" }, { id: "org/z" }] };

  it("are the engine's, without the folders of files", async () => {
    const { engine } = await load(listed);
    expect(summary(engine).models.map(({ name }) => name)).toEqual(["x.Q8_0", "y", "org/z"]);
  });

  it("stay as they are when the controller calls the engine itself", async () => {
    const models = ["models/x.Q8_0.gguf", "org/z"].map((upstream) => ({ upstream, publicName: null }));
    const { engine } = await load(listed, { models, isDirect: true });
    expect(summary(engine).models.map(({ name }) => name)).toEqual(["models/x.Q8_0.gguf", "org/z"]);
  });
});

describe("an engine that cannot be used", () => {
  const many = { data: Array.from({ length: 300 }, (_, index) => ({ id: `m${index}` })) };
  it.each<[string, Record<string, Route>, Partial<AttachEngineOptions>, RegExp]>([
    [
      "wants another key",
      { "GET /v1/models": status(401) },
      { apiKey: "sk-1" },
      /does not let this worker in \(status 401\)/,
    ],
    [
      "is something else",
      { "GET /v1/models": "<html>" },
      {},
      /has no OpenAI-style API at \/v1: .* status 200 and no list/,
    ],
    ["has no such path", {}, {}, /has no OpenAI-style API at \/v1: GET \/v1\/models gave status 404\.$/],
    ["has moved", { "GET /v1/models": status(301) }, {}, /gave status 301\.$/],
    [
      "lacks the model",
      plainRoutes(),
      { models: [{ upstream: "y", publicName: null }] },
      /has no model "y"\.$/,
    ],
    ["has too many", { "GET /v1/models": many }, {}, /has 300 models, .* choose with --model\.$/],
    ["has a name that cannot be offered", plainRoutes("a b"), {}, /use --model "a b=NAME"\.$/],
    [
      "has a path for a name, directly",
      plainRoutes("/m/x"),
      { isDirect: true },
      /give it another one at the engine\.$/,
    ],
    [
      "would have one name twice",
      { "GET /v1/models": [{ id: "a/x.gguf" }, { id: "/b/x.gguf" }, { id: "/c/x.gguf" }] },
      {},
      /Two models would be offered as "x"\.$/,
    ],
  ])("says so in one sentence when it %s", async (_name, routes, changes, sentence) => {
    const failed = load(routes, changes);
    await expect(failed).rejects.toThrow(sentence);
    await expect(failed).rejects.not.toThrow(/sk-1|\n/);
  });

  it("is refused for --direct when it asks a stranger for a key", async () => {
    const models: Route = ({ headers }, response) => {
      const isOpen = headers.authorization === undefined;
      response.writeHead(isOpen ? 200 : 401).end(JSON.stringify({ data: [{ id: "m" }] }));
    };
    await expect(load({ "GET /v1/models": models }, { isDirect: true })).rejects.toThrow(/asks for no key/);
  });
});
