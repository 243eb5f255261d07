import { homedir } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { readSecretVariable } from "@/lib/env";
import type { AttachCommand, MockCommand, WorkerCommand } from "./cli";
import type { ForwardingEngine } from "./engine/forwarding-engine";
import { offerModel } from "./engine/offer-model";
import { readPersona } from "./engine/persona";
import { PersonaEngine } from "./engine/persona-engine";
import type { Engine } from "./engine/types";

/** The engine of a command, not loaded yet. Engines are imported on demand: llama and transformers load native libraries. */
export async function createEngine(
  command: WorkerCommand,
  logger: Logger,
): Promise<Engine | ForwardingEngine> {
  if (command.engine === "attach") return createAttachEngine(command, logger);
  const personas = await Promise.all(command.personas.map(readPersona));
  const engine = await createPlainEngine(command, logger);
  return personas.length === 0 ? engine : new PersonaEngine(engine, personas);
}

async function createAttachEngine(command: AttachCommand, logger: Logger): Promise<ForwardingEngine> {
  const { AttachEngine } = await import("./engine/attach");
  const { engineUrl, apiKeyEnv, models, capabilities, slots, contextLength, isDirect } = command;
  return new AttachEngine({
    baseUrl: engineUrl,
    apiKey: apiKeyEnv === null ? null : readSecretVariable(apiKeyEnv),
    models,
    capabilities,
    slots,
    contextLength,
    isDirect,
    labels: command,
    logger,
  });
}

async function createPlainEngine(
  command: Exclude<WorkerCommand, AttachCommand>,
  logger: Logger,
): Promise<Engine> {
  const { slots, contextLength } = command;
  if (command.engine === "mock") {
    const { MockEngine } = await import("./engine/mock");
    return new MockEngine({
      model: mockModel(command),
      scenario: command.scenario,
      delayMs: command.delayMs,
      slots,
    });
  }
  if (command.engine === "transformers") {
    const { TransformersEngine } = await import("./engine/transformers");
    return new TransformersEngine({ ...command, labels: command, cacheFolder: hubCacheFolder, logger });
  }
  const { LlamaEngine } = await import("./engine/llama");
  const { model, furtherModels, threads, hasEmbeddings, adapters, gpu, gpuLayers, kvType } = command;
  return new LlamaEngine({
    model,
    furtherModels,
    // A worker for all GPUs is one process for each: `main.ts` starts them.
    gpu: gpu === "all" ? "auto" : gpu,
    gpuLayers,
    kvType,
    threads,
    slots,
    contextLength,
    hasEmbeddings,
    adapters,
    logger,
    labels: command,
  });
}

/** A folder of the person rather than of the project: a second checkout need not download models again. */
const hubCacheFolder = join(homedir(), ".cache", "chat-arena", "transformers");

const mockContextLength = 8192;

/** Errors: one sentence. */
function mockModel(command: MockCommand) {
  return offerModel(command.name, command, command.contextLength ?? mockContextLength, [
    "chat",
    "completion",
    "embedding",
    "tools",
    "json",
    "logprobs",
    ...(command.readsImages ? (["vision"] as const) : []),
  ]);
}
