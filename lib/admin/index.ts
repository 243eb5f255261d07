export type { AdminDeps } from "./deps";
export { listWorkers, type WorkerRow } from "./list-workers";
export { createSampler } from "./queues/server-samples";
export { adminRoutes } from "./routes";
export { listModels, type ModelRow, type ModelSettingsInput, setModel } from "./set-model";
export { orderWorker } from "./workers/order-worker";
export { SpeedHistory } from "./workers/speed-history";
