import { z } from "zod";
import type { Capability } from "@/lib/protocol";
import type { EngineKind, LearntModel } from "../engine-kind";
import { readJson } from "../engine-kind";
import type { Upstream } from "../upstream";

const versionSchema = z.object({ version: z.string() });
const showSchema = z.object({
  /** Lines of a Modelfile, e.g. `num_ctx 16384`. */
  parameters: z.string().nullish().catch(null),
  /** Has `<architecture>.context_length`. */
  model_info: z.record(z.string(), z.unknown()).nullish().catch(null),
  capabilities: z.array(z.string()).nullish().catch(null),
});
const runningSchema = z.object({
  models: z.array(z.object({ model: z.string(), context_length: z.number().int().positive().nullish() })),
});

/** What Ollama gives a model for which nobody asked for more (`OLLAMA_CONTEXT_LENGTH`), whatever the model could do. */
const usualContextLength = 4096;

const meanings: Readonly<Record<string, readonly Capability[]>> = {
  completion: ["chat", "completion", "json"],
  tools: ["tools"],
  vision: ["vision"],
  embedding: ["embedding"],
};

/** Ollama. Source: docs/api.md of Ollama (`/api/version`, `/api/show`, `/api/ps`). It has no metrics and no tokenizer. */
export const ollama: EngineKind = {
  name: "Ollama",
  owners: [],
  recognise: async (upstream, signal) =>
    (await readJson(upstream, "/api/version", versionSchema, signal)) !== null,
  async describe(upstream, listed, signal) {
    const version = await readJson(upstream, "/api/version", versionSchema, signal);
    const running = await readJson(upstream, "/api/ps", runningSchema, signal);
    const models: LearntModel[] = [];
    // One after another: a box may have dozens of models, and each answer is read from its disk.
    for (const { id } of listed) {
      const loaded = running?.models.find(({ model }) => model === id)?.context_length ?? null;
      models.push(await describeModel(upstream, id, loaded, signal));
    }
    return { version: version?.version ?? null, slots: null, models };
  },
  healthPath: null,
  load: null,
  tokenize: null,
  usualCapabilities: ["chat"],
  usualSlots: 4,
};

async function describeModel(
  upstream: Upstream,
  model: string,
  loadedContextLength: number | null,
  signal: AbortSignal,
): Promise<LearntModel> {
  const shown = await readJson(upstream, "/api/show", showSchema, signal, { model });
  const asked = Number(/^num_ctx\s+(\d+)/m.exec(shown?.parameters ?? "")?.[1] ?? 0);
  const trained = Object.entries(shown?.model_info ?? {}).find(([name]) =>
    name.endsWith(".context_length"),
  )?.[1];
  const possible = typeof trained === "number" && trained > 0 ? trained : usualContextLength;
  const capabilities = (shown?.capabilities ?? []).flatMap((name) => meanings[name] ?? []);
  return {
    upstream: model,
    contextLength: loadedContextLength ?? (asked > 0 ? asked : Math.min(possible, usualContextLength)),
    capabilities: capabilities.length === 0 ? null : capabilities,
  };
}
