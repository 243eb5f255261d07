import { parseArgs } from "node:util";
import { pino } from "pino";
import { createWorkerServer } from "@/workers/http";
import { loadEngine } from "./engine-contestant";

/** A worker's server without a controller: loads, listens, tells its parent `{port}` and serves until the parent is gone. */

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "" },
    slots: { type: "string", default: "8" },
    context: { type: "string", default: "2048" },
    threads: { type: "string" },
    gpu: { type: "boolean", default: false },
    secret: { type: "string", default: "" },
  },
});
process.once("disconnect", () => process.exit(0));
const engine = await loadEngine({
  model: values.model,
  slots: Number(values.slots),
  contextLength: Number(values.context),
  threads: values.threads === undefined ? null : Number(values.threads),
  gpu: values.gpu,
});
const server = createWorkerServer({
  engine,
  logger: pino({ level: "error" }),
  secret: () => values.secret,
});
const { port } = await server.listen("127.0.0.1", 0);
process.on("message", (message) => {
  if (message === "stats") process.send?.({ stats: { ...engine.stats() } });
});
process.send?.({ port });
