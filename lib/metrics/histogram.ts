import type { Metric, MetricType, Registry } from "prom-client";

type HistogramOptions = {
  name: string;
  help: string;
  /** Upper bounds, ascending. */
  buckets: readonly number[];
  registry: Registry;
};

type Value = { metricName: string; labels: { le?: string | number }; value: number };

/**
 * A Prometheus histogram without labels for what is observed with every request or every piece of an answer: to observe
 * costs a few comparisons, where prom-client's makes and hashes objects. Scrapes and the metrics of a cluster see no
 * difference. Source: Prometheus, "Exposition formats".
 */
export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram" as unknown as MetricType;
  readonly aggregator = "sum";
  readonly #bounds: readonly number[];
  /** By the first bound that is not below the value; the last is for what is above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor({ name, help, buckets, registry }: HistogramOptions) {
    this.name = name;
    this.help = help;
    this.#bounds = buckets;
    this.#counts = new Array<number>(buckets.length + 1).fill(0);
    // What a registry needs of a metric is its name and `get`.
    registry.registerMetric(this as unknown as Metric<string>);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? 0)) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }

  async get(): Promise<{
    name: string;
    help: string;
    type: MetricType;
    aggregator: string;
    values: Value[];
  }> {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      return {
        metricName: `${this.name}_bucket`,
        labels: { le: this.#bounds[index] ?? "+Inf" },
        value: count,
      };
    });
    const values = [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: {}, value: this.#sum },
      { metricName: `${this.name}_count`, labels: {}, value: count },
    ];
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
