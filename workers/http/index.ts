export { createWorkerServer, type WorkerServer } from "./worker-server";
