export { type Authenticate, type AuthenticateOptions, createAuthenticate } from "./authenticate";
export { replyWithOpenAiError } from "./errors";
export { type OpenAiRoutesOptions, openAiRoutes } from "./routes";
export { RunningAnswers } from "./running-answers";
