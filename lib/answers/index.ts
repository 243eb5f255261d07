export {
  type AnswerJob,
  type AnswerRun,
  type AnswerRunDeps,
  type AnswerStore,
  type ChargeTokens,
  type FinalAnswer,
  type ReserveTokens,
  runAnswer,
  type Stopper,
} from "./answer-run";
export { leaseMs, newLease } from "./lease";
export { createLiveNews, type LiveNews } from "./live-news";
export { LiveSet } from "./live-set";
export { type AnswerSurface, createAnswerMetrics } from "./metrics";
export { ReaderWatch } from "./reader-watch";
export { createTextAppender } from "./text-appender";
export { toSampling } from "./to-sampling";
export { toSideFailure } from "./to-side-failure";
export { toStoppedBy } from "./to-stopped-by";
