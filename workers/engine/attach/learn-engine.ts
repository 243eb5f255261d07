import { AppError } from "@/lib/errors";
import type { EngineDescription, EngineKind } from "./engine-kind";
import { arenaWorker } from "./kinds/arena-worker";
import { llamaServer } from "./kinds/llama-server";
import { ollama } from "./kinds/ollama";
import { provider } from "./kinds/provider";
import { sglang } from "./kinds/sglang";
import { tgi } from "./kinds/tgi";
import { vllm } from "./kinds/vllm";
import { type ListedModel, modelListSchema } from "./listed-models";
import type { Upstream } from "./upstream";

/** In the order in which an engine is asked that does not say what it is. */
const kinds: readonly EngineKind[] = [vllm, sglang, llamaServer, arenaWorker, ollama, tgi];

/** An engine that waiting does not mend: a wrong address, key or name. The message is one sentence for the operator. */
export class UnusableEngineError extends Error {
  override readonly name = "UnusableEngineError";
}

export type LearntEngine = EngineDescription & { kind: EngineKind };

/**
 * What the engine is and which models it has. `named`: models that the operator names, for an engine that has no list.
 * Errors: {@link UnusableEngineError}; anything else (nobody answers, the engine is still loading) may pass.
 */
export async function learnEngine(
  upstream: Upstream,
  named: readonly string[],
  signal: AbortSignal,
): Promise<LearntEngine> {
  const all = await listModels(upstream, named, signal);
  const listed = named.length === 0 ? all : all.filter(({ id }) => named.includes(id));
  const kind = await kindOf(upstream, all, signal);
  return { kind, ...(await kind.describe(upstream, listed, signal)) };
}

/** `GET /v1/models`. */
export async function listModels(
  upstream: Upstream,
  named: readonly string[],
  signal: AbortSignal,
): Promise<ListedModel[]> {
  const path = upstream.apiPath("/models");
  const { status, text } = await upstream.get(path, signal);
  if (status === 401 || status === 403) {
    throw new UnusableEngineError(
      `${upstream.baseUrl.origin} does not let this worker in (status ${status}): --api-key-env must name a variable with a valid key.`,
    );
  }
  if ((status === 404 || status === 405) && named.length > 0) return named.map(listedByHand);
  if (status >= 500 || status === 429 || status === 408) {
    throw new AppError("upstream_failed", { message: `GET ${path} gave status ${status}.` });
  }
  const models = status === 200 ? parseList(text) : null;
  if (models !== null) return models;
  throw new UnusableEngineError(
    `${upstream.baseUrl.origin} has no OpenAI-style API at ${upstream.baseUrl.pathname}: GET ${path} gave status ${status}${status === 200 ? " and no list of models" : ""}.`,
  );
}

async function kindOf(
  upstream: Upstream,
  listed: readonly ListedModel[],
  signal: AbortSignal,
): Promise<EngineKind> {
  if (upstream.root === null) return provider;
  const owner = listed[0]?.owned_by ?? "";
  const owned = kinds.find(({ owners }) => owners.includes(owner));
  if (owned !== undefined) return owned;
  for (const kind of kinds) {
    if (kind.recognise !== null && (await kind.recognise(upstream, signal))) return kind;
  }
  return provider;
}

function parseList(text: string): ListedModel[] | null {
  try {
    return modelListSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // A page in place of JSON.
    return null;
  }
}

function listedByHand(id: string): ListedModel {
  return modelListSchema.parse([{ id }])[0] ?? { id };
}
