import type { FastifyReply, FastifyRequest } from "fastify";
import type { WorkerMetrics } from "./worker-metrics";

/**
 * Handler of `GET /metrics`, in Prometheus' text format. Open as `/health` is: a scraper has no worker's secret, which
 * changes with each registration, and the figures hold no word of a conversation.
 */
export function metricsRoute({ registry }: WorkerMetrics) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    reply.header("content-type", registry.contentType);
    return registry.metrics();
  };
}
