import type { z } from "zod";
import type { Capability } from "@/lib/protocol";
import type { EngineStatus } from "../types";
import type { ListedModel } from "./listed-models";
import type { Upstream } from "./upstream";

/** What an engine tells of one of its models; null: it does not. */
export type LearntModel = {
  /** Its name at the engine. */
  upstream: string;
  contextLength: number | null;
  capabilities: readonly Capability[] | null;
};

export type EngineDescription = {
  version: string | null;
  /** Requests that it answers at the same time. */
  slots: number | null;
  models: LearntModel[];
};

/** How an engine is asked for tokens. */
export type TokenizeCall = {
  path: string;
  request(model: string, text: string): unknown;
  answer: z.ZodType<number[]>;
};

/** One of the engines, as far as its own interface goes beyond OpenAI's. All paths are paths of the host. */
export type EngineKind = {
  name: string;
  /** Values of `owned_by` in its list of models. */
  owners: readonly string[];
  /** Whether an engine whose models do not tell is of this kind. */
  recognise: ((upstream: Upstream, signal: AbortSignal) => Promise<boolean>) | null;
  describe(
    upstream: Upstream,
    listed: readonly ListedModel[],
    signal: AbortSignal,
  ): Promise<EngineDescription>;
  /** Answers 200 while the engine is well; null: the list of models does for that. */
  healthPath: string | null;
  /** Where its load is to be read, with a reader that is made once for each engine; null: it does not tell. */
  load: { path: string; createReader(): (text: string) => EngineStatus | null } | null;
  tokenize: TokenizeCall | null;
  /** What a model does of which neither the engine nor the list tells. */
  usualCapabilities: readonly Capability[];
  usualSlots: number;
};

/** An answer of the engine in the form that is expected; null: it has no such path, or another form. */
export async function readJson<T>(
  upstream: Upstream,
  path: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
  body?: unknown,
): Promise<T | null> {
  const { status, text } =
    body === undefined ? await upstream.get(path, signal) : await upstream.ask(path, body, signal);
  if (status !== 200) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // A page in place of JSON: not the interface that was looked for.
    return null;
  }
}
