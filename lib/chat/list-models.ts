import { type ChatModel, chatParametersSchema } from "@/lib/protocol";
import { maxTokensFor } from "./answer-request";
import type { ChatDeps } from "./deps";

/** The models that a visitor can chat with now, by name. */
export async function listModels({ controller, db, maxTokens, waiting }: ChatDeps): Promise<ChatModel[]> {
  const served = controller.models().filter(({ capabilities }) => capabilities.includes("chat"));
  const rows = await db.model.findMany({
    where: { name: { in: served.map(({ name }) => name) }, stage: "public" },
  });
  const byName = new Map(rows.map((row) => [row.name, row]));
  return served.flatMap((model) => {
    const row = byName.get(model.name);
    if (row === undefined) return [];
    const defaults = chatParametersSchema.parse(row.defaultParameters);
    return {
      name: row.name,
      displayName: row.displayName,
      organization: row.organization,
      contextLength: model.contextLength,
      capabilities: [...model.capabilities],
      waiting: waiting.of(model.name),
      defaults: {
        temperature: defaults.temperature ?? model.defaults?.temperature ?? null,
        topP: defaults.topP ?? model.defaults?.topP ?? null,
        topK: defaults.topK ?? model.defaults?.topK ?? null,
      },
      maxTokens: maxTokensFor(defaults.maxTokens, maxTokens, row.contextLength),
    };
  });
}
