import { type Capability, type OfferedModel, offeredModelSchema } from "@/lib/protocol";

/** What the command line says about the model; null: what the engine knows about it. */
export type ModelLabels = {
  name: string | null;
  displayName: string | null;
  organization: string | null;
  licence: string | null;
  tags: readonly string[];
};

/** What is offered to the controller. Errors: one sentence. */
export function offerModel(
  name: string,
  labels: Omit<ModelLabels, "name">,
  contextLength: number,
  capabilities: readonly Capability[],
  defaults?: OfferedModel["defaults"],
): OfferedModel {
  const result = offeredModelSchema.safeParse({
    name,
    displayName: labels.displayName ?? name,
    organization: labels.organization,
    licence: labels.licence,
    contextLength,
    capabilities: [...capabilities],
    defaults,
    tags: [...labels.tags],
  });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`The model cannot be offered as "${name}": ${issue?.path.join(".")}: ${issue?.message}.`);
}
