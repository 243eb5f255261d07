import cluster, { type Worker } from "node:cluster";
import { AggregatorRegistry, type Registry } from "prom-client";
import { z } from "zod";

/**
 * `/metrics` of a cluster: whichever process is asked, the primary collects the metrics of all and adds them up (by each
 * metric's own `aggregator`). prom-client's own collector waits in vain for a process that is just starting; this one
 * asks only those that serve.
 */

/** One metric with its values, as prom-client writes it for its aggregators. */
const metricSchema = z.looseObject({ name: z.string() });
type Metric = z.infer<typeof metricSchema>;

const messageSchema = z.discriminatedUnion("type", [
  /** Process → primary: wants the metrics of all. */
  z.object({ type: z.literal("metrics:scrape"), id: z.number() }),
  /** Primary → process: wants its own. */
  z.object({ type: z.literal("metrics:collect"), id: z.number() }),
  /** Process → primary. */
  z.object({ type: z.literal("metrics:collected"), id: z.number(), metrics: z.array(metricSchema) }),
  /** Primary → process; null when a process did not answer in time. */
  z.object({ type: z.literal("metrics:scraped"), id: z.number(), text: z.string().nullable() }),
]);
type Message = z.infer<typeof messageSchema>;

const collectLimitMs = 5_000;

/** In the primary: answers what the processes ask, from those that serve. Returns the way out. */
export function answerScrapes(serving: ReadonlySet<Worker>): () => void {
  const waiting = new Map<number, (worker: Worker, metrics: Metric[]) => void>();
  let latestId = 0;

  const collect = (): Promise<string | null> => {
    latestId += 1;
    const id = latestId;
    const asked = new Set([...serving].filter((worker) => worker.isConnected()));
    const collected: Metric[][] = [];
    return new Promise((resolve) => {
      const finish = (text: string | null): void => {
        clearTimeout(limit);
        waiting.delete(id);
        resolve(text);
      };
      const limit = setTimeout(() => finish(null), collectLimitMs);
      waiting.set(id, (worker, metrics) => {
        if (!asked.delete(worker)) return;
        collected.push(metrics);
        if (asked.size === 0) void AggregatorRegistry.aggregate(collected).metrics().then(finish);
      });
      for (const worker of asked) send(worker, { type: "metrics:collect", id });
    });
  };

  const onMessage = async (worker: Worker, raw: unknown): Promise<void> => {
    const { data } = messageSchema.safeParse(raw);
    if (data?.type === "metrics:collected") waiting.get(data.id)?.(worker, data.metrics);
    if (data?.type !== "metrics:scrape") return;
    const text = await collect();
    if (worker.isConnected()) send(worker, { type: "metrics:scraped", id: data.id, text });
  };
  cluster.on("message", onMessage);
  return () => cluster.off("message", onMessage);
}

let latestScrape = 0;

/**
 * In a process of a cluster: the metrics of all its processes. Errors: when one did not answer in time, because a sum
 * without it would look like counters that went back.
 */
export async function scrapeCluster(): Promise<string> {
  latestScrape += 1;
  const id = latestScrape;
  return await new Promise((resolve, reject) => {
    const onMessage = (raw: unknown): void => {
      const { data } = messageSchema.safeParse(raw);
      if (data?.type !== "metrics:scraped" || data.id !== id) return;
      process.off("message", onMessage);
      if (data.text === null) reject(new Error("A server process did not give its metrics in time."));
      else resolve(data.text);
    };
    process.on("message", onMessage);
    tellPrimary({ type: "metrics:scrape", id });
  });
}

/** In a process of a cluster: gives its metrics to the primary whenever it asks. */
export function answerCollections(own: Registry): void {
  process.on("message", async (raw) => {
    const { data } = messageSchema.safeParse(raw);
    if (data?.type !== "metrics:collect") return;
    const metrics = z.array(metricSchema).parse(await own.getMetricsAsJSON());
    tellPrimary({ type: "metrics:collected", id: data.id, metrics });
  });
}

function tellPrimary(message: Message): void {
  process.send?.(message);
}

function send(worker: Worker, message: Message): void {
  worker.send(message);
}
