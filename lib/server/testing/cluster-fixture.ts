import cluster from "node:cluster";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Counter, Gauge, Registry } from "prom-client";
import { runCluster } from "../cluster";
import { answerCollections, scrapeCluster } from "../cluster-metrics";
import { announce, announceFailure, whenToldToStop } from "../process-lifecycle";

/** For tests: a cluster whose processes answer with their own id instead of a site. `fail` as argument: they cannot. */

const size = 2;

if (cluster.isPrimary) {
  const log = (fields: object, message: string) =>
    process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  try {
    await runCluster({
      size,
      graceMs: 5_000,
      logger: { info: log, warn: log },
      toldToStop: whenToldToStop(),
      onReady: (url) => announce({ type: "ready", url }),
    });
    process.exit(0);
  } catch (error) {
    announceFailure(error, true);
    process.exit(1);
  }
}

if (process.argv[2] === "fail") {
  announceFailure(new Error("There is no port for this test."), true);
  process.exit(1);
}
const metrics = new Registry();
answerCollections(metrics);
const registers = [metrics];
const answers = new Counter({ name: "answers_total", help: "Answers.", registers });
new Gauge({ name: "seen_by_all", help: "The same in all.", aggregator: "max", registers }).set(7);
const server = createServer(async (request, response) => {
  // One connection each, so that the primary hands every request to the next process.
  response.setHeader("connection", "close");
  if (request.url === "/metrics") return void response.end(await scrapeCluster());
  answers.inc();
  response.end(String(process.pid));
});
server.listen(0, "127.0.0.1", () => {
  announce({ type: "ready", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
await whenToldToStop();
server.close(() => process.exit(0));
