import { type ApiCaller, mayUseModel } from "@/lib/accounts";
import type { Controller, ServedModel } from "@/lib/controller";
import { AppError } from "@/lib/errors";

type ModelObject = { id: string; object: "model"; created: number; owned_by: string };

/** `GET /v1/models`: what this caller can call now. Source: OpenAI API reference, "Models". */
export function listModels(
  controller: Pick<Controller, "models">,
  caller: ApiCaller | null,
  created: number,
): { object: "list"; data: ModelObject[] } {
  return {
    object: "list",
    data: modelsFor(controller, caller).map((model) => toModelObject(model, created)),
  };
}

/** `GET /v1/models/:id`. Errors: `model_not_found`. */
export function retrieveModel(
  controller: Pick<Controller, "models">,
  caller: ApiCaller | null,
  name: string,
  created: number,
): ModelObject {
  const model = modelsFor(controller, caller).find((candidate) => candidate.name === name);
  if (model !== undefined) return toModelObject(model, created);
  throw new AppError("model_not_found", { message: `The model '${name}' does not exist`, param: "model" });
}

/** What the caller can call now: models of its stages and patterns that a worker of its pools serves. */
export function modelsFor(controller: Pick<Controller, "models">, caller: ApiCaller | null): ServedModel[] {
  const includeExperimental = caller?.scopes.allowExperimental ?? false;
  const pools = caller?.scopes.pools ?? undefined;
  return controller
    .models({ includeExperimental, pools })
    .filter(({ name, stage }) => mayUseModel(caller, name, stage));
}

/** `created` must be a time; when a model was made is not known here, so it is the server's start for all. */
function toModelObject(model: ServedModel, created: number): ModelObject {
  return { id: model.name, object: "model", created, owned_by: model.organization ?? "chat-arena" };
}
