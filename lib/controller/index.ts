export { createPostgresChanges } from "./adapters/postgres-changes";
export { createPostgresModelSettings } from "./adapters/postgres-model-settings";
export { createPostgresModelShares } from "./adapters/postgres-model-shares";
export { createPostgresRegistry } from "./adapters/postgres-registry";
export { createSharedJoinToken } from "./adapters/shared-join-token";
export {
  type ControllerDeps,
  type ControllerEnv,
  type ControllerService,
  createController,
} from "./controller";
export { affinityKeyOf } from "./core/affinity";
export type {
  ChangeFeed,
  ControllerLogger,
  JoinGrant,
  JoinTokenVerifier,
  ModelSettingsSource,
  ModelShareStore,
  Registration,
  WorkerStore,
} from "./ports";
export { type WorkerRoutesOptions, workerRoutes } from "./routes";
export type {
  AttemptTrace,
  Controller,
  DispatchListener,
  DispatchRequest,
  DispatchResponse,
  DispatchTrace,
  Priority,
  ServedModel,
  WorkerView,
} from "./types";
