export { createPostgresRegistry } from "./adapters/postgres-registry";
export { createSharedJoinToken } from "./adapters/shared-join-token";
export {
  type ControllerDeps,
  type ControllerEnv,
  type ControllerService,
  createController,
} from "./controller";
export type { ControllerLogger, JoinTokenVerifier, WorkerStore } from "./ports";
export { type WorkerRoutesOptions, workerRoutes } from "./routes";
export type {
  Controller,
  DispatchRequest,
  DispatchResponse,
  Priority,
  ServedModel,
  WorkerView,
} from "./types";
