export { LlamaEngine, type LlamaEngineOptions } from "./llama-engine";
