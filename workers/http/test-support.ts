import pino from "pino";
import type { OfferedModel } from "@/lib/protocol";
import { AttachEngine } from "../engine/attach";
import { asTheEngineTells } from "../engine/attach/test-support";
import type { ForwardingEngine } from "../engine/forwarding-engine";
import { LlamaEngine } from "../engine/llama";
import { MockEngine, type ScenarioName } from "../engine/mock";
import { TransformersEngine } from "../engine/transformers";
import type { Engine } from "../engine/types";
import { createWorkerServer, type WorkerServer } from "./worker-server";

export const testSecret = "a-secret-of-at-least-thirty-two-characters";

export const mockModel: OfferedModel = {
  name: "scripted",
  displayName: "Scripted",
  organization: "Tests",
  licence: null,
  contextLength: 1000,
  capabilities: ["chat", "completion", "embedding", "tools", "json", "logprobs"],
  tags: [],
};

export function mockEngine(scenario: ScenarioName, slots = 4, delayMs: number | null = 0): MockEngine {
  return new MockEngine({ model: mockModel, scenario, delayMs, slots });
}

export function demoEngine(): LlamaEngine {
  return new LlamaEngine({
    model: "workers/models/demo-13m-q8_0.gguf",
    threads: null,
    slots: 4,
    contextLength: null,
    hasEmbeddings: true,
    adapters: [{ name: "pirate", path: "workers/models/demo-13m-pirate-lora.gguf", scale: 1 }],
    logger: pino({ level: "silent" }),
    labels: { name: null, displayName: null, organization: null, licence: null, tags: [] },
  });
}

export function onnxEngine(): TransformersEngine {
  return new TransformersEngine({
    model: "workers/models/demo-1m-onnx",
    dtype: null,
    threads: null,
    slots: 4,
    contextLength: null,
    hasEmbeddings: true,
    cacheFolder: "no-cache",
    logger: pino({ level: "silent" }),
    labels: { name: null, displayName: null, organization: null, licence: null, tags: [] },
  });
}

export type TestServer = WorkerServer & { url: string };

/** A server on a free port of the loopback interface. */
export async function listen(
  engine: Engine | ForwardingEngine,
  secret: () => string | null = () => testSecret,
): Promise<TestServer> {
  const server = createWorkerServer({
    engine,
    secret,
    logger: pino({ level: "silent" }),
    bodyLimitBytes: 100_000,
  });
  const { port } = await server.listen("127.0.0.1", 0);
  return { ...server, url: `http://127.0.0.1:${port}` };
}

/** An attach engine in front of a server of ours: another worker is an engine like any other. */
export function attachedTo(
  server: TestServer,
  changes: Partial<ConstructorParameters<typeof AttachEngine>[0]> = {},
): AttachEngine {
  return new AttachEngine({
    baseUrl: `${server.url}/v1`,
    apiKey: testSecret,
    ...asTheEngineTells,
    ...changes,
  });
}

export function chatBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: "scripted", messages: [{ role: "user", content: "Hello" }], ...changes };
}
