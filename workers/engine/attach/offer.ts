import { basename } from "node:path/posix";
import { type Capability, modelNameSchema, type OfferedModel, offeredModelSchema } from "@/lib/protocol";
import type { LearntModel } from "./engine-kind";
import { type LearntEngine, UnusableEngineError } from "./learn-engine";

export type ModelChoice = {
  /** Its name at the engine. */
  upstream: string;
  /** The name under which it is offered; null: as at the engine. */
  publicName: string | null;
};

export type OfferOptions = {
  /** Empty: all that the engine has. */
  models: readonly ModelChoice[];
  labels: {
    /** Public name, where one model is offered. */
    name: string | null;
    displayName: string | null;
    organization: string | null;
    licence: string | null;
    tags: string[];
  };
  /** Null: what the engine tells. */
  contextLength: number | null;
  /** Null: what the engine tells, or what engines of its kind usually do. */
  capabilities: readonly Capability[] | null;
  /** The controller calls the engine itself, so a name cannot be changed on the way. */
  isDirect: boolean;
};

export type Offer = {
  models: OfferedModel[];
  /** Name at the engine by public name. */
  upstreamNames: ReadonlyMap<string, string>;
  /** Public names of models whose context length nobody told. */
  guessedLengths: string[];
};

/** Where nothing tells. A request that needs more gets the engine's own refusal. */
export const defaultContextLength = 8192;
const maxModels = 256;

/** What is offered of an engine's models. Errors: {@link UnusableEngineError}. */
export function makeOffer(engine: LearntEngine, options: OfferOptions): Offer {
  const chosen = choose(engine.models, options);
  const upstreamNames = new Map<string, string>();
  const guessedLengths: string[] = [];
  const models = chosen.map(({ model, publicName }) => {
    if (upstreamNames.has(publicName)) {
      throw new UnusableEngineError(`Two models would be offered as "${publicName}".`);
    }
    upstreamNames.set(publicName, model.upstream);
    if (model.contextLength === null && options.contextLength === null) guessedLengths.push(publicName);
    return offered(model, publicName, chosen.length, engine, options);
  });
  return { models, upstreamNames, guessedLengths };
}

type Chosen = { model: LearntModel; publicName: string };

function choose(learnt: readonly LearntModel[], options: OfferOptions): Chosen[] {
  const names = learnt.map(({ upstream }) => `"${upstream}"`).join(", ");
  const choices: readonly ModelChoice[] =
    options.models.length > 0
      ? options.models
      : learnt.map(({ upstream }) => ({ upstream, publicName: null }));
  if (choices.length > maxModels) {
    throw new UnusableEngineError(
      `The engine has ${choices.length} models, and a worker offers ${maxModels} at most: choose with --model.`,
    );
  }
  if (options.labels.name !== null && choices.length > 1) {
    throw new UnusableEngineError(
      `--name is for one model, and the engine has ${names}: use --model upstream=public.`,
    );
  }
  return choices.flatMap(({ upstream, publicName }) => {
    const model = learnt.find((one) => one.upstream === upstream);
    // It may come back, and the others are served meanwhile.
    if (model === undefined) return [];
    return [{ model, publicName: publicNameOf(upstream, publicName ?? options.labels.name, options) }];
  });
}

function publicNameOf(upstream: string, wanted: string | null, { isDirect }: OfferOptions): string {
  if (isDirect && wanted !== null && wanted !== upstream) {
    throw new UnusableEngineError(
      `With --direct a model keeps its name: "${upstream}" cannot be offered as "${wanted}".`,
    );
  }
  if (wanted !== null) return wanted;
  // A path of a file or folder, as llama-server and vLLM have it unless they are told a name.
  const short = basename(upstream).replace(/\.gguf$/i, "");
  const isFile = /\.gguf$/i.test(upstream);
  const names = isDirect ? [upstream] : isFile ? [short] : [upstream, short];
  const name = names.find((one) => modelNameSchema.safeParse(one).success);
  if (name !== undefined) return name;
  throw new UnusableEngineError(
    isDirect
      ? `The model "${upstream}" cannot be offered under this name with --direct: give it another one at the engine.`
      : `The model "${upstream}" cannot be offered under this name: use --model "${upstream}=NAME".`,
  );
}

function offered(
  model: LearntModel,
  name: string,
  count: number,
  { kind }: LearntEngine,
  { labels, contextLength, capabilities }: OfferOptions,
): OfferedModel {
  return offeredModelSchema.parse({
    name,
    displayName: (count === 1 ? labels.displayName : null) ?? name,
    organization: labels.organization,
    licence: labels.licence,
    contextLength: contextLength ?? model.contextLength ?? defaultContextLength,
    capabilities: [...(capabilities ?? model.capabilities ?? kind.usualCapabilities)],
    tags: labels.tags,
  });
}
