export { challengeSolution } from "./challenge-solution";
export { isDirectFromThisMachine, isLoopbackName } from "./direct-request";
export { atEndOfTurn } from "./end-of-turn";
export { handleApiError, toHttpError } from "./error-handler";
export { type EventStream, openEventStream } from "./event-stream";
export { requireSameOrigin } from "./same-origin";
export { isByUnnamedProxy } from "./unnamed-proxy";
