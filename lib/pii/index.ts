export type { Find } from "./find";
export { findPii, piiScreenVersion } from "./find-pii";
export { redactPii } from "./redact-pii";
