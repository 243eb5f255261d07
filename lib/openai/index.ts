export { type Authenticate, type AuthenticateOptions, createAuthenticate } from "./authenticate";
export { type OpenAiRoutesOptions, openAiRoutes } from "./routes";
