export { LlamaEngine } from "./llama-engine";
export { listGpus } from "./open-library";
