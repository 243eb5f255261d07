import type { Logger } from "pino";
import { offeredModelSchema } from "@/lib/protocol";
import type { MockCommand, WorkerCommand } from "./cli";
import { readPersona } from "./engine/persona";
import { PersonaEngine } from "./engine/persona-engine";
import type { Engine } from "./engine/types";

/** The engine of a command, not loaded yet. Engines are imported on demand: only llama loads a native library. */
export async function createEngine(command: WorkerCommand, logger: Logger): Promise<Engine> {
  const personas = await Promise.all(command.personas.map(readPersona));
  const engine = await createPlainEngine(command, logger);
  return personas.length === 0 ? engine : new PersonaEngine(engine, personas);
}

async function createPlainEngine(command: WorkerCommand, logger: Logger): Promise<Engine> {
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
  const { LlamaEngine } = await import("./engine/llama");
  const { model, threads, hasEmbeddings, adapters } = command;
  return new LlamaEngine({
    model,
    threads,
    slots,
    contextLength,
    hasEmbeddings,
    adapters,
    logger,
    labels: command,
  });
}

const mockContextLength = 8192;

/** Errors: one sentence. */
function mockModel(command: MockCommand) {
  const result = offeredModelSchema.safeParse({
    name: command.name,
    displayName: command.displayName ?? command.name,
    organization: command.organization,
    licence: command.licence,
    contextLength: command.contextLength ?? mockContextLength,
    capabilities: ["chat", "completion", "embedding", "tools", "json", "logprobs"],
    tags: command.tags,
  });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(
    `The model cannot be offered as "${command.name}": ${issue?.path.join(".")}: ${issue?.message}.`,
  );
}
