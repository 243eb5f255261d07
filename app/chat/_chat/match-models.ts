import type { Capability, ChatModel } from "@/lib/protocol";

export type ShownModel = ChatModel & { isServed: boolean };

/** The served models, and the one that is chosen even where no worker serves it just now. */
export function withCurrent(
  models: readonly ChatModel[],
  current: { name: string; displayName: string } | null,
): ShownModel[] {
  const served = models.map((model) => ({ ...model, isServed: true }));
  if (current === null || models.some(({ name }) => name === current.name)) return served;
  const { name, displayName } = current;
  const unserved: ShownModel = {
    name,
    displayName,
    organization: null,
    contextLength: null,
    capabilities: [],
    waiting: 0,
    defaults: { temperature: null, topP: null, topK: null },
    maxTokens: 0,
    isServed: false,
  };
  return [...served, unserved];
}

/** Models that hold every word of the query in a name or in the organization, and have every needed capability. */
export function matchModels(
  models: readonly ShownModel[],
  query: string,
  needed: readonly Capability[],
): ShownModel[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.displayName} ${model.name} ${model.organization ?? ""}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      needed.every((capability) => model.capabilities.includes(capability))
    );
  });
}
