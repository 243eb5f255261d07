import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { type Check, checkKinds } from "./checks";

export type Prompt = {
  id: string;
  category: string | null;
  system: string | null;
  /** What the user says, turn by turn. */
  turns: readonly string[];
  /** What a right answer to the last turn is like. */
  check: Check | null;
  /** A good answer for the judge to read. */
  reference: string | null;
};

export type PromptSet = {
  prompts: Prompt[];
  /** SHA-256 of the prompts, whatever the layout of their file. */
  hash: string;
};

const textSchema = z.string().min(1).max(100_000);

/** As in workers/models/eval200.json: category, system prompt, prompt, check, expected answer. */
const tupleSchema = z
  .tuple([z.string(), textSchema.nullable(), textSchema, z.enum(checkKinds), z.string()])
  .transform(
    ([category, system, prompt, kind, expected]): Omit<Prompt, "id"> => ({
      category,
      system,
      turns: [prompt],
      check: { kind, expected },
      reference: null,
    }),
  );

const id = z.union([z.string().min(1).max(200), z.number().int()]).transform(String);

/** Fields of MT-bench's question.jsonl, or one prompt with a check. */
const objectSchema = z
  .object({
    id: id.optional(),
    question_id: id.optional(),
    category: z.string().nullish(),
    system: textSchema.nullish(),
    prompt: textSchema.optional(),
    turns: z.array(textSchema).min(1).max(20).optional(),
    reference: z.union([textSchema, z.array(textSchema).min(1)]).nullish(),
    check: z.enum(checkKinds).nullish(),
    expected: z.string().nullish(),
  })
  .refine(({ prompt, turns }) => (prompt === undefined) !== (turns === undefined), "either prompt or turns")
  .transform((row): Omit<Prompt, "id"> & { id: string | undefined } => ({
    id: row.id ?? row.question_id,
    category: row.category ?? null,
    system: row.system ?? null,
    turns: row.turns ?? [row.prompt ?? ""],
    check: row.check == null ? null : { kind: row.check, expected: row.expected ?? "" },
    reference: Array.isArray(row.reference) ? row.reference.join("\n\n") : (row.reference ?? null),
  }));

/**
 * Prompts of a JSON array or of JSON lines. Those without an id are called by their place. Errors: `not_found`,
 * `invalid_request` with the place of the first faulty prompt.
 */
export async function readPrompts(path: string): Promise<PromptSet> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new AppError("not_found", { message: `The prompts ${path} cannot be read.`, cause });
  });
  const prompts = parseValues(text).map((value, index): Prompt => {
    // Not a union, whose faults would be told of both layouts at once.
    const result = Array.isArray(value) ? tupleSchema.safeParse(value) : objectSchema.safeParse(value);
    if (result.success) {
      const { id: given = String(index + 1), ...prompt } = {
        id: undefined as string | undefined,
        ...result.data,
      };
      return { ...prompt, id: given };
    }
    throw new AppError("invalid_request", {
      message: `Prompt ${index + 1} of ${path}: ${z.prettifyError(result.error)}`,
    });
  });
  if (prompts.length === 0) throw new AppError("invalid_request", { message: `${path} has no prompts.` });
  const ids = new Set(prompts.map((prompt) => prompt.id));
  if (ids.size < prompts.length)
    throw new AppError("invalid_request", { message: `Two prompts of ${path} have the same id.` });
  return { prompts, hash: createHash("sha256").update(JSON.stringify(prompts)).digest("hex") };
}

function parseValues(text: string): unknown[] {
  try {
    if (text.trimStart().startsWith("[")) return z.array(z.unknown()).parse(JSON.parse(text));
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line): unknown => JSON.parse(line));
  } catch (cause) {
    throw new AppError("invalid_request", {
      message: "The prompts are neither a JSON array nor JSON lines.",
      cause,
    });
  }
}
