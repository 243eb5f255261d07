import { readFile } from "node:fs/promises";
import { z } from "zod";
import { modelNameSchema } from "@/lib/protocol";
import { parseSamplingFields, samplingFieldsSchema } from "./sampling-fields";
import type { SamplingParameters } from "./types";

/** A name over a model: who it is, what it is told, and how it samples unless a request says otherwise. */
export type Persona = {
  name: string;
  displayName: string | null;
  /** Name of an offered model; null: the worker's first. */
  base: string | null;
  /** The beginning of the system message. */
  instructions: string;
  defaults: { sampling: SamplingParameters; maxTokens: number | null; stop: readonly string[] };
};

const { stream, stream_options, n, ignore_eos, cache_prompt, ...defaultFields } = samplingFieldsSchema.shape;

const personaSchema = z
  .strictObject({
    name: modelNameSchema,
    displayName: z.string().min(1).max(128).optional(),
    base: modelNameSchema.optional(),
    /** Completes "You are …". */
    role: z.string().min(1).max(200).optional(),
    system: z.string().min(1).max(20_000).optional(),
    /** As in a request, e.g. `{"temperature": 0.5, "max_tokens": 200}`. */
    defaults: z.strictObject(defaultFields).default({}),
  })
  .refine(({ role, system }) => role !== undefined || system !== undefined, "role or system is needed");

/** Errors: one sentence that names the file. */
export async function readPersona(path: string): Promise<Persona> {
  try {
    return parsePersona(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The persona ${path} cannot be used: ${reason}`, { cause });
  }
}

/** Errors: an `Error` that names the field. */
export function parsePersona(value: unknown): Persona {
  const result = personaSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error([issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
  }
  const { name, displayName, base, role, system, defaults } = result.data;
  const { generate } = parseSamplingFields(defaults);
  return {
    name,
    displayName: displayName ?? null,
    base: base ?? null,
    instructions: [role === undefined ? null : `You are ${role}.`, system].filter(Boolean).join("\n"),
    defaults: {
      sampling: withoutUndefined(generate.sampling),
      maxTokens: generate.maxTokens,
      stop: generate.stop,
    },
  };
}

function withoutUndefined(sampling: SamplingParameters): SamplingParameters {
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined));
}
