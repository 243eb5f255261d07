import { type OfferedModel, offeredModelSchema } from "@/lib/protocol";
import type { Persona } from "./persona";
import type {
  Engine,
  EngineInfo,
  EngineObserver,
  EngineStatus,
  GenerateChunk,
  GenerateRequest,
  Turn,
} from "./types";

/** Offers personas beside an engine's own models: further names, each a model with instructions and defaults. */
export class PersonaEngine implements Engine {
  readonly #engine: Engine;
  readonly #personas: readonly Persona[];
  #offered: readonly OfferedModel[] = [];

  constructor(engine: Engine, personas: readonly Persona[]) {
    this.#engine = engine;
    this.#personas = personas;
  }

  /** Errors: those of the engine; one sentence for an unknown base or a name that is taken. */
  async load(): Promise<void> {
    await this.#engine.load();
    const offered = [...this.#engine.models()];
    for (const persona of this.#personas) {
      const base = baseOf(persona, this.#engine.models());
      if (offered.some(({ name }) => name === persona.name)) {
        throw new Error(`Two models would be offered as "${persona.name}".`);
      }
      offered.push(offeredModelSchema.parse({ ...base, ...describePersona(persona, base) }));
    }
    this.#offered = offered;
  }

  info(): EngineInfo {
    return this.#engine.info();
  }

  models(): readonly OfferedModel[] {
    return this.#offered;
  }

  status(): EngineStatus {
    return this.#engine.status();
  }

  fillsIn(model: string): boolean {
    return this.#engine.fillsIn?.(this.#base(model)) === true;
  }

  observe(observer: EngineObserver): void {
    this.#engine.observe?.(observer);
  }

  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateChunk> {
    const persona = this.#personas.find(({ name }) => name === request.model);
    if (persona === undefined) return this.#engine.generate(request, signal);
    return this.#engine.generate(inPersona(request, persona, this.#base(persona.name)), signal);
  }

  embed(
    model: string,
    inputs: readonly (string | readonly number[])[],
    signal: AbortSignal,
  ): ReturnType<Engine["embed"]> {
    return this.#engine.embed(this.#base(model), inputs, signal);
  }

  tokenize(model: string, text: string): number[] {
    return this.#engine.tokenize(this.#base(model), text);
  }

  detokenize(model: string, tokens: readonly number[]): string {
    return this.#engine.detokenize(this.#base(model), tokens);
  }

  dispose(): Promise<void> {
    return this.#engine.dispose();
  }

  /** The engine's own name of a model. */
  #base(model: string): string {
    const persona = this.#personas.find(({ name }) => name === model);
    return persona === undefined ? model : baseOf(persona, this.#engine.models()).name;
  }
}

/** The request as the base model gets it: instructions in front, defaults where the request says nothing. */
export function inPersona(request: GenerateRequest, persona: Persona, base: string): GenerateRequest {
  const { defaults } = persona;
  const given = Object.entries(request.sampling).filter(([, value]) => value !== undefined);
  return {
    ...request,
    model: base,
    prompt:
      request.prompt.kind === "chat"
        ? { kind: "chat", turns: withInstructions(request.prompt.turns, persona.instructions) }
        : request.prompt,
    maxTokens: request.maxTokens ?? defaults.maxTokens,
    stop: request.stop.length === 0 ? defaults.stop : request.stop,
    sampling: { ...defaults.sampling, ...Object.fromEntries(given) },
  };
}

/** One system message: many templates take only one, and only as the first message. */
function withInstructions(turns: readonly Turn[], instructions: string): Turn[] {
  const [first, ...rest] = turns;
  if (first?.role !== "system") return [{ role: "system", content: instructions }, ...turns];
  return [{ ...first, content: `${instructions}\n\n${first.content}` }, ...rest];
}

function baseOf(persona: Persona, models: readonly OfferedModel[]): OfferedModel {
  const base = persona.base === null ? models[0] : models.find(({ name }) => name === persona.base);
  if (base !== undefined) return base;
  const names = models.map(({ name }) => `"${name}"`).join(", ");
  throw new Error(`The persona "${persona.name}" is based on "${persona.base}"; there are ${names}.`);
}

/** Instructions are for conversations: raw texts and vectors are the base model's. */
function describePersona(persona: Persona, base: OfferedModel): Partial<OfferedModel> {
  const { temperature, topP, topK } = { ...base.defaults, ...persona.defaults.sampling };
  return {
    defaults: { temperature, topP, topK },
    name: persona.name,
    displayName: persona.displayName ?? persona.name,
    capabilities: base.capabilities.filter(
      (capability) => capability !== "completion" && capability !== "embedding",
    ),
  };
}
