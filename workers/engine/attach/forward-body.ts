import { AppError } from "@/lib/errors";
import type { Capability, OfferedModel } from "@/lib/protocol";
import type { ForwardPath } from "../forwarding-engine";
import { decodeString, type JsonMember, jsonMembers, parseValue, replaceValue } from "./json-members";

const endpoints: Readonly<Record<ForwardPath, Capability>> = {
  "/chat/completions": "chat",
  "/completions": "completion",
  "/embeddings": "embedding",
};

/** Members that ask for what not every model does, with the values that ask for nothing. */
const features: readonly { member: string; capability: Capability; asks: (value: unknown) => boolean }[] = [
  {
    member: "tools",
    capability: "tools",
    asks: (value) => value !== null && (!Array.isArray(value) || value.length > 0),
  },
  { member: "functions", capability: "tools", asks: (value) => value !== null },
  { member: "logprobs", capability: "logprobs", asks: (value) => value !== null && value !== false },
  { member: "top_logprobs", capability: "logprobs", asks: (value) => value !== null && value !== 0 },
  {
    member: "response_format",
    capability: "json",
    asks: (value) => typeof value === "object" && value !== null && "type" in value && value.type !== "text",
  },
];

export type ForwardBody = {
  publicName: string;
  upstreamName: string;
  /** As it came, but for the model's name where the engine has another one. */
  bytes: Buffer;
};

/**
 * Reads of a request's body what must be known to send it on. Errors: `invalid_json`, `invalid_request`,
 * `model_not_found`; `unsupported_parameter` for what the model does not offer.
 */
export function forwardBody(
  bytes: Buffer,
  path: ForwardPath,
  models: readonly OfferedModel[],
  upstreamNames: ReadonlyMap<string, string>,
): ForwardBody {
  const members = jsonMembers(bytes);
  if (members === null) throw new AppError("invalid_json");
  const named = modelMember(members);
  const publicName = decodeString(bytes.subarray(named.start, named.end));
  if (publicName === null) {
    throw new AppError("invalid_request", { message: "model: a name is needed", param: "model" });
  }
  const model = models.find(({ name }) => name === publicName);
  const upstreamName = upstreamNames.get(publicName);
  if (model === undefined || upstreamName === undefined) {
    throw new AppError("model_not_found", {
      message: `The model "${publicName}" is not served here.`,
      param: "model",
    });
  }
  requireCapability(model, endpoints[path], "model");
  for (const { name, start, end } of members) {
    const feature = features.find(({ member }) => member === name);
    if (feature === undefined || model.capabilities.includes(feature.capability)) continue;
    if (feature.asks(parseValue(bytes.subarray(start, end))))
      requireCapability(model, feature.capability, name);
  }
  return {
    publicName,
    upstreamName,
    bytes: upstreamName === publicName ? bytes : replaceValue(bytes, named, upstreamName),
  };
}

/**
 * The only member of that name, whatever its case: parsers differ in which of two they take, and Go's (Ollama) takes
 * `MODEL`, too, so that a second one could reach a model which is not offered.
 */
function modelMember(members: readonly JsonMember[]): JsonMember {
  const found = members.filter(({ name }) => name.toLowerCase() === "model");
  const [only, another] = found;
  if (only !== undefined && another === undefined && only.name === "model") return only;
  throw new AppError("invalid_request", {
    message: found.length > 1 ? "model: given twice" : "model: a name is needed",
    param: "model",
  });
}

function requireCapability(model: OfferedModel, capability: Capability, param: string): void {
  if (model.capabilities.includes(capability)) return;
  throw new AppError("unsupported_parameter", {
    message: `The model "${model.name}" does not offer ${capability}.`,
    param,
  });
}
