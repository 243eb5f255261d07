import { type Capability, capabilitySchema, modelNameSchema } from "@/lib/protocol";

/** Values of `attach`'s own flags. Errors: one sentence, never with what may be a key. */
export type AttachFlags = {
  /** Of the engine's API, with its path. */
  engineUrl: string;
  /** The variable that holds the engine's key; the key itself is never on a command line. */
  apiKeyEnv: string | null;
  models: { upstream: string; publicName: string | null }[];
  /** Null: what the engine tells. */
  capabilities: Capability[] | null;
  isDirect: boolean;
  /** Address that the controller is told. */
  url: string | null;
};

/** The controller reaches the engine below `/v1` of a host, with bodies as they came and a secret of its own. */
export function requireDirect({ engineUrl: url, apiKeyEnv, models, url: workerUrl }: AttachFlags): void {
  if (apiKeyEnv !== null)
    throw new Error("--direct is for engines without a key: the controller does not know it.");
  if (workerUrl !== null)
    throw new Error("--direct registers the engine's own address; --worker-url has no use.");
  if (new URL(url).pathname !== "/v1") {
    throw new Error(`--direct needs an engine at /v1 of its host, not "${url}".`);
  }
  const renamed = models.find(({ upstream, publicName }) => publicName !== null && publicName !== upstream);
  if (renamed !== undefined) {
    throw new Error(`--direct passes names on as they are: "${renamed.upstream}" cannot have another one.`);
  }
}

/** `UPSTREAM[=PUBLIC]`; the last "=" counts, as a public name has none. */
export function upstreamModel(text: string): { upstream: string; publicName: string | null } {
  const at = text.lastIndexOf("=");
  const upstream = at === -1 ? text : text.slice(0, at);
  const publicName = at === -1 ? null : text.slice(at + 1);
  const isName = publicName === null || modelNameSchema.safeParse(publicName).success;
  if (upstream !== "" && isName) return { upstream, publicName };
  throw new Error(`--model takes UPSTREAM[=PUBLIC], not "${text}".`);
}

export function capability(text: string): Capability {
  const result = capabilitySchema.safeParse(text);
  if (result.success) return result.data;
  throw new Error(`There is no capability "${text}"; there are ${capabilitySchema.options.join(", ")}.`);
}

/** What was given is not repeated: it may be the key itself. */
export function variableName(text: string): string {
  if (/^[A-Z_][A-Z0-9_]*$/.test(text)) return text;
  throw new Error("--api-key-env takes the name of a variable in capitals, never the key itself.");
}

/** Without a path, `/v1`. What was given is repeated only where it can hold no password. */
export function engineUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error("--url takes the engine's address such as http://10.0.0.5:8000/v1.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error(
      "--url takes an address without credentials and query; a key belongs into --api-key-env.",
    );
  }
  const path = url.pathname.replace(/\/+$/, "");
  return url.origin + (path === "" ? "/v1" : path);
}
