export type { ArenaDeps } from "./deps";
export { LiveBattles } from "./live-battles";
export { registerModels } from "./register-models";
export { arenaRoutes } from "./routes";
export { createPairSampler, type PairSampler, samplingOptionsSchema } from "./sample-pair";
export {
  type PolicyEffect,
  type PolicyProposal,
  type PolicySimulation,
  policyProposalSchema,
  type SimulatePolicyDeps,
  simulatePolicy,
} from "./simulate-policy";
