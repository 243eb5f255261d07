export { replyWithOpenAiError } from "./errors";
export { type OpenAiRoutesOptions, openAiRoutes } from "./routes";
