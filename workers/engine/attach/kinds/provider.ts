import type { Capability } from "@/lib/protocol";
import type { EngineKind } from "../engine-kind";
import { listedCapabilities, listedContextLength } from "../listed-models";

/** Anything with OpenAI's interface of which no more is known, such as a commercial provider. It is never sent more than a look at its models. */
export const provider: EngineKind = {
  name: "OpenAI-style API",
  owners: [],
  recognise: null,
  describe: async (_upstream, listed) => ({
    version: null,
    slots: null,
    models: listed.map((model) => ({
      upstream: model.id,
      contextLength: listedContextLength(model),
      capabilities: listedCapabilities(model) ?? byName(model.id),
    })),
  }),
  healthPath: null,
  load: null,
  tokenize: null,
  usualCapabilities: ["chat"],
  usualSlots: 32,
};

/** OpenAI's own list says nothing of a model but its name. */
function byName(id: string): Capability[] | null {
  return /embed/i.test(id) ? ["embedding"] : null;
}
