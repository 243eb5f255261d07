import type { ApiCaller } from "@/lib/accounts";
import type { Controller } from "@/lib/controller";
import { AppError } from "@/lib/errors";
import type { Capability } from "@/lib/protocol";
import { modelsFor } from "./models";

/**
 * Errors: `unsupported_parameter` for `model` where the model is served to this caller and lacks what the endpoint is for.
 */
export type RequireCapability = (
  model: string,
  capability: Capability | null,
  caller: ApiCaller | null,
) => void;

const endpointNouns: Partial<Record<Capability, string>> = {
  chat: "chats",
  completion: "raw completions",
  embedding: "embeddings",
};

/**
 * Before a request is dispatched: a chat model is not asked for embeddings. What a model can do is remembered and asked
 * again only before a refusal, so the usual request costs one look into a map; a worker that can do less by now refuses itself.
 */
export function createRequireCapability(controller: Pick<Controller, "models">): RequireCapability {
  let known = new Map<string, ReadonlySet<Capability>>();
  return (model, capability, caller) => {
    if (capability === null || known.get(model)?.has(capability) === true) return;
    known = new Map(
      controller
        .models({ includeExperimental: true })
        .map(({ name, capabilities }) => [name, new Set(capabilities)]),
    );
    const capabilities = known.get(model);
    if (capabilities === undefined || capabilities.has(capability)) return;
    // Of a model that the caller may not know of, nothing is told: the dispatcher says that there is none.
    if (!modelsFor(controller, caller).some(({ name }) => name === model)) return;
    throw new AppError("unsupported_parameter", {
      message: `model: "${model}" is not made for ${endpointNouns[capability] ?? capability}; it offers ${[...capabilities].join(", ")}.`,
      param: "model",
    });
  };
}
