import { AppError } from "@/lib/errors";
import type { AccountedRequest, ApiCaller } from "../accounting-types";
import { matchesAny } from "../name-pattern";

type ModelStage = NonNullable<AccountedRequest["stage"]>;

/**
 * Whether the caller may see and use a model. An experimental model needs a key that says so: keyless callers, the keys
 * of the environment and all others do not even learn that it exists.
 */
export function mayUseModel(caller: ApiCaller | null, name: string, stage: ModelStage = "public"): boolean {
  if (stage === "retired") return false;
  const scopes = caller?.scopes;
  if (stage === "experimental" && scopes?.allowExperimental !== true) return false;
  return scopes?.models == null || matchesAny(scopes.models, name);
}

/** Errors: `permission_denied` for the endpoint, `model_not_found` for the model, as OpenAI does. */
export function checkScopes(
  caller: ApiCaller | null,
  { endpoint, model, stage }: Pick<AccountedRequest, "endpoint" | "model" | "stage">,
): void {
  checkEndpoint(caller, endpoint);
  if (mayUseModel(caller, model, stage)) return;
  throw new AppError("model_not_found", {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    param: "model",
  });
}

/** For what names no model, such as the list of models. Errors: `permission_denied`. */
export function checkEndpoint(caller: ApiCaller | null, endpoint: AccountedRequest["endpoint"]): void {
  const endpoints = caller?.scopes.endpoints ?? null;
  if (endpoints === null || endpoints.includes(endpoint)) return;
  throw new AppError("permission_denied", {
    message: `This API key may not use this endpoint. Missing scope: ${endpoint}; it has: ${endpoints.join(", ")}.`,
  });
}
