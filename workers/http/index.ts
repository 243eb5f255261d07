export { createWorkerServer, type WorkerServer, type WorkerServerOptions } from "./worker-server";
