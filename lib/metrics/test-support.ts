import { AggregatorRegistry, type Registry } from "prom-client";

/** What a cluster shows whose processes have these. */
export async function clusterMetrics(registries: readonly Registry[]): Promise<string> {
  const parts = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
  return AggregatorRegistry.aggregate(parts).metrics();
}
