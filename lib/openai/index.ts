export { type OpenAiRoutesOptions, openAiRoutes } from "./routes";
