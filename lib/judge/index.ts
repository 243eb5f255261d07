export type { Agreement } from "./agreement";
export type { Api } from "./ask-model";
export { type Check, type CheckKind, passes } from "./checks";
export type { Progress } from "./judge-battles";
export { type JudgeOptions, type JudgeReport, runJudge } from "./run-judge";
