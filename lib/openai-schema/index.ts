/** What `/v1` takes and gives, as zod: checked on the way in, and the source of the API reference. */
export {
  type ChatChunk,
  type ChatCompletion,
  type ChatParams,
  chatChunkSchema,
  chatCompletionSchema,
  chatParamsSchema,
} from "./chat";
export { type CompletionParams, completionParamsSchema } from "./completions";
export { type EmbeddingParams, embeddingParamsSchema, tokenizeParamsSchema } from "./embeddings";
export {
  type CodeExamples,
  codeExamples,
  type ExampleLanguage,
  type ExampleRequest,
  exampleLanguages,
  exampleRequests,
} from "./examples";
export {
  exampleEmbeddingModel,
  type JsonSchema,
  type OpenApiDocument,
  type OpenApiOperation,
  openApiDocument,
} from "./openapi";
export {
  type OutputItem,
  type OutputText,
  type ResponseInputItem,
  type ResponseObject,
  type ResponseParams,
  type ResponseTool,
  responseParamsSchema,
} from "./responses";
