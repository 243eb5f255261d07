import type { Controller, ServedModel } from "@/lib/controller";
import { AppError } from "@/lib/errors";

type ModelObject = { id: string; object: "model"; created: number; owned_by: string };

/** `GET /v1/models`: what can be called now. Source: OpenAI API reference, "Models". */
export function listModels(
  controller: Pick<Controller, "models">,
  created: number,
): { object: "list"; data: ModelObject[] } {
  return { object: "list", data: controller.models().map((model) => toModelObject(model, created)) };
}

/** `GET /v1/models/:id`. Errors: `model_not_found`. */
export function retrieveModel(
  controller: Pick<Controller, "models">,
  name: string,
  created: number,
): ModelObject {
  const model = controller.models().find((candidate) => candidate.name === name);
  if (model !== undefined) return toModelObject(model, created);
  throw new AppError("model_not_found", { message: `The model '${name}' does not exist`, param: "model" });
}

/** `created` must be a time; when a model was made is not known here, so it is the server's start for all. */
function toModelObject(model: ServedModel, created: number): ModelObject {
  return { id: model.name, object: "model", created, owned_by: model.organization ?? "chat-arena" };
}
