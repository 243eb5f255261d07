export { type BuildTarget, buildLibrary, clearBuilds } from "./build-library";
export { LlamaEngine } from "./llama-engine";
export { listGpus } from "./open-library";
