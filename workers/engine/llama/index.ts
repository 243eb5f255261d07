export { LlamaEngine } from "./llama-engine";
