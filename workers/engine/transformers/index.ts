export { TransformersEngine } from "./transformers-engine";
