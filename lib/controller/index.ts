export { createPostgresChanges } from "./adapters/postgres-changes";
export { createPostgresModelSettings } from "./adapters/postgres-model-settings";
export { createPostgresRegistry } from "./adapters/postgres-registry";
export { createPostgresModelShares, createPostgresWorkerShares } from "./adapters/postgres-shares";
export { createSharedJoinToken } from "./adapters/shared-join-token";
export type { CancelSignal } from "./cancel-signal";
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
  Registration,
  ShareStore,
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
