import { z } from "zod";
import { AppError, type ErrorCode, errorTable, renderOpenAiError } from "@/lib/errors";
import { chatCompletionSchema, chatParamsSchema } from "./chat";
import { completionParamsSchema, completionSchema } from "./completions";
import {
  embeddingListSchema,
  embeddingParamsSchema,
  tokenizeAnswerSchema,
  tokenizeParamsSchema,
} from "./embeddings";
import { errorSchema, modelListSchema, modelSchema } from "./models";
import { responseParamsSchema, responseSchema } from "./responses";

export type JsonSchema = {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  $ref?: string;
  additionalProperties?: JsonSchema | boolean;
};

export type OperationId =
  | "createChatCompletion"
  | "createResponse"
  | "createCompletion"
  | "createEmbedding"
  | "tokenize"
  | "listModels"
  | "retrieveModel";

export type OpenApiOperation = {
  operationId: OperationId;
  summary: string;
  parameters?: { name: string; in: "path"; required: true; schema: JsonSchema; description: string }[];
  requestBody?: {
    required: true;
    content: { "application/json": { schema: JsonSchema; example: Record<string, unknown> } };
  };
  responses: Record<string, { description: string; content: Record<string, { schema: JsonSchema }> }>;
  security?: Record<string, never[]>[];
};

export type OpenApiDocument = {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Record<string, never[]>[];
  paths: Record<string, Partial<Record<"get" | "post", OpenApiOperation>>>;
  components: { securitySchemes: Record<string, object>; schemas: Record<string, JsonSchema> };
};

const requests = {
  ChatCompletionRequest: chatParamsSchema,
  CompletionRequest: completionParamsSchema,
  EmbeddingRequest: embeddingParamsSchema,
  ResponseRequest: responseParamsSchema,
  TokenizeRequest: tokenizeParamsSchema,
};
const answers = {
  ChatCompletion: chatCompletionSchema,
  Completion: completionSchema,
  EmbeddingList: embeddingListSchema,
  Response: responseSchema,
  TokenizeAnswer: tokenizeAnswerSchema,
  Model: modelSchema,
  ModelList: modelListSchema,
  Error: errorSchema,
};

/** The model that examples name: one of those that come with the project. */
const model = "demo-13m";
/** None of those is made for embeddings. */
export const exampleEmbeddingModel = "my-embedding-model";

/** OpenAPI 3.1 for everything under `/v1`, generated from the schemas that check the requests. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: "3.1.0",
    info: {
      title: "Chat Arena API",
      version: "1",
      description:
        "OpenAI-compatible. Fields that are not listed pass to the engine, which honours them or refuses them by name. Nothing is stored.",
    },
    servers: [{ url: "/v1" }],
    security: [{ bearer: [] }, {}],
    paths: {
      "/chat/completions": {
        post: operation(
          "createChatCompletion",
          "Answer a conversation",
          "ChatCompletionRequest",
          "ChatCompletion",
          {
            example: {
              model,
              messages: [{ role: "user", content: "Please work out 75 + 29." }],
              max_tokens: 64,
            },
            isStreamable: true,
          },
        ),
      },
      "/responses": {
        post: operation("createResponse", "Answer items, without a memory", "ResponseRequest", "Response", {
          example: { model, input: "Please work out 75 + 29.", max_output_tokens: 64 },
          isStreamable: true,
        }),
      },
      "/completions": {
        post: operation("createCompletion", "Go on from a raw text", "CompletionRequest", "Completion", {
          example: { model, prompt: "Once upon a time", max_tokens: 32 },
          isStreamable: true,
        }),
      },
      "/embeddings": {
        post: operation("createEmbedding", "Turn texts into vectors", "EmbeddingRequest", "EmbeddingList", {
          example: { model: exampleEmbeddingModel, input: ["A cat on a mat", "A dog in a bog"] },
        }),
      },
      "/tokenize": {
        post: operation("tokenize", "Count the tokens of a text", "TokenizeRequest", "TokenizeAnswer", {
          example: { model, input: "Hello, world" },
        }),
      },
      "/models": {
        get: {
          operationId: "listModels",
          summary: "Models that are served now",
          responses: { "200": jsonAnswer("The models.", "ModelList"), ...refusals(usualRefusals) },
        },
      },
      "/models/{id}": {
        get: {
          operationId: "retrieveModel",
          summary: "One model",
          parameters: [
            {
              name: "id",
              in: "path",
              required: true,
              schema: { type: "string" },
              description: "Its name; slashes may stand as they are.",
            },
          ],
          responses: {
            "200": jsonAnswer("The model.", "Model"),
            ...refusals([...usualRefusals, "model_not_found"]),
          },
        },
      },
    },
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { ...jsonSchemas(requests, "input"), ...jsonSchemas(answers, "output") },
    },
  };
}

function operation(
  operationId: OperationId,
  summary: string,
  request: keyof typeof requests,
  answer: keyof typeof answers,
  options: { example: Record<string, unknown>; isStreamable?: boolean },
): OpenApiOperation {
  const success = jsonAnswer("The answer.", answer);
  if (options.isStreamable === true) {
    success.description = "The answer; with `stream`, as server-sent events.";
    success.content["text/event-stream"] = { schema: { type: "string" } };
  }
  return {
    operationId,
    summary,
    requestBody: {
      required: true,
      content: { "application/json": { schema: reference(request), example: options.example } },
    },
    responses: { "200": success, ...refusals(modelRefusals) },
  };
}

function jsonAnswer(
  description: string,
  schema: keyof typeof answers,
): OpenApiOperation["responses"][string] {
  return { description, content: { "application/json": { schema: reference(schema) } } };
}

/** What any operation may answer. */
const usualRefusals = [
  "invalid_request",
  "invalid_api_key",
  "permission_denied",
  "method_not_allowed",
  "request_timeout",
  "headers_too_large",
  "internal",
  "database_unavailable",
] as const satisfies readonly ErrorCode[];

/** What an operation that sends a body to a model may answer besides. */
const modelRefusals = [
  ...usualRefusals,
  "invalid_json",
  "unsupported_parameter",
  "context_length_exceeded",
  "model_not_found",
  "payload_too_large",
  "unsupported_media_type",
  "rate_limited",
  "upstream_failed",
  "no_worker_available",
  "shutting_down",
  "upstream_timeout",
] as const satisfies readonly ErrorCode[];

/** One entry for each status, with the codes that come with it, as they are on the wire. */
function refusals(codes: readonly ErrorCode[]): OpenApiOperation["responses"] {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    const told = renderOpenAiError(new AppError(code)).error.code;
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${told}\``]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, told]) => [String(status), jsonAnswer(`${told.join(", ")}.`, "Error")]),
  );
}

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonSchemas(schemas: Record<string, z.ZodType>, io: "input" | "output"): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      // The dialect is OpenAPI 3.1's own and goes without saying.
      const { $schema: _, ...json } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
      return [name, json as JsonSchema];
    }),
  );
}
