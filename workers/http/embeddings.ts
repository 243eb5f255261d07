import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import type { Engine } from "../engine/types";
import { requireModel } from "./answer-request";
import type { OpenRequests } from "./open-requests";

const maxInputs = 256;

const tokensSchema = z.array(z.number().int().nonnegative()).min(1);
const textSchema = z.string().min(1, "an input must not be empty");
/** Source: OpenAI API reference, "Create embeddings". Any other field is refused by name. */
const embeddingsRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union([
    textSchema,
    tokensSchema,
    z.array(textSchema).min(1).max(maxInputs),
    z.array(tokensSchema).min(1).max(maxInputs),
  ]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});
const known = new Set(["model", "input", "encoding_format", "user"]);

/** Handler of `POST /v1/embeddings`. */
export function embeddings(engine: Engine, open: OpenRequests) {
  return async (request: FastifyRequest): Promise<unknown> => {
    const fields = parseInput(embeddingsRequestSchema, request.body);
    const { model, input, encoding_format: encoding } = fields;
    const stranger = Object.entries(fields).find(([name, value]) => !known.has(name) && value !== null)?.[0];
    if (stranger !== undefined) {
      throw new AppError("unsupported_parameter", {
        message: `The parameter "${stranger}" is not supported here.`,
        param: stranger,
      });
    }
    requireModel(engine, model, "embedding");
    const { signal, done } = open.enter(request.raw.socket);
    try {
      const { vectors, promptTokens } = await engine.embed(model, toInputs(input), signal);
      return {
        object: "list",
        model,
        data: vectors.map((vector, index) => ({
          object: "embedding",
          index,
          embedding: encoding === "base64" ? toBase64(vector) : vector,
        })),
        usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
      };
    } finally {
      done();
    }
  };
}

function toInputs(input: z.infer<typeof embeddingsRequestSchema>["input"]): (string | number[])[] {
  if (typeof input === "string") return [input];
  return typeof input[0] === "number" ? [input as number[]] : (input as (string | number[])[]);
}

/** 32-bit floats, least significant byte first, as OpenAI sends them. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
