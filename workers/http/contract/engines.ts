import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import type { Capability } from "@/lib/protocol";
import type { AttachEngine } from "../../engine/attach";
import type { Engine } from "../../engine/types";
import { busyMachine } from "../../test-support";
import {
  attachedTo,
  demoEngine,
  listen,
  mockEngine,
  onnxEngine,
  type TestServer,
  testSecret,
} from "../test-support";

/** What every engine promises to a client is tried on each of these. */
const engines: readonly (readonly [
  name: string,
  model: string,
  make: () => Engine,
  /** What it cannot do, and refuses by name. */
  lacks: readonly Capability[],
  /** Puts an attach engine between the client and the engine's own server. */
  attach: ((server: TestServer) => AttachEngine) | null,
])[] = [
  ["mock", "scripted", () => mockEngine("plain"), [], null],
  ["llama", "demo-13m", demoEngine, [], null],
  ["transformers", "demo-1m", onnxEngine, ["json", "tools"], null],
  ["attach over mock", "scripted", () => mockEngine("plain"), [], attachedTo],
  ["attach over llama", "demo-13m", demoEngine, [], attachedTo],
  [
    "attach under another name",
    "fronted",
    () => mockEngine("plain"),
    [],
    (server) => attachedTo(server, { models: [{ upstream: "scripted", publicName: "fronted" }] }),
  ],
];

/** One engine behind its server, as the cases see it. */
type Contract = {
  /** What clients call the model. */
  model: string;
  lacks: readonly Capability[];
  /** The engine that answers in the end. */
  engine: Engine;
  /** The engine that the client talks to: the same one, or the attach engine in front of it. */
  readonly front: Engine | AttachEngine;
  /** The official client. */
  readonly client: OpenAI;
  /** A short chat request that is answered the same each time. */
  base(): {
    model: string;
    messages: OpenAI.ChatCompletionMessageParam[];
    temperature: number;
    max_completion_tokens: number;
  };
  /** The ids of a text, by the server. */
  tokenized(input: string): Promise<{ count: number; tokens: number[] }>;
};

/** Runs the same cases against every engine. */
export function describeEngines(what: string, cases: (contract: Contract) => void): void {
  vi.setConfig(busyMachine);
  describe.each(engines)(`${what} of the %s engine`, (_name, model, make, lacks, attach) => {
    const engine = make();
    let attached: { engine: AttachEngine; behind: TestServer } | null = null;
    let server: TestServer;
    let client: OpenAI;

    beforeAll(async () => {
      await engine.load();
      server = await listen(engine);
      if (attach !== null) {
        attached = { engine: attach(server), behind: server };
        await attached.engine.load();
        server = await listen(attached.engine);
      }
      client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: testSecret, maxRetries: 0 });
    });
    afterAll(async () => {
      await server.close(0);
      await attached?.engine.dispose();
      await attached?.behind.close(0);
      await engine.dispose();
    });

    cases({
      model,
      lacks,
      engine,
      get front() {
        return attached?.engine ?? engine;
      },
      get client() {
        return client;
      },
      base: () => ({
        model,
        messages: [{ role: "user", content: "What is 70 + 54?" }],
        temperature: 0,
        max_completion_tokens: 24,
      }),
      async tokenized(input) {
        const result = await client.post<{ count: number; tokens: number[] }>("/tokenize", {
          body: { model, input },
        });
        expect(result.tokens).toHaveLength(result.count);
        expect(engine.detokenize(model, result.tokens)).toBe(input);
        return result;
      },
    });
  });
}
