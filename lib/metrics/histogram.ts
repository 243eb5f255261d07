import type { Metric, MetricType, Registry } from "prom-client";

type HistogramOptions = {
  name: string;
  help: string;
  /** Upper bounds, ascending. */
  buckets: readonly number[];
  registry: Registry;
};

type Labels = Readonly<Record<string, string>>;
type Value = { metricName: string; labels: Record<string, string | number>; value: number };

/** What is observed under one set of labels. */
export class Series {
  readonly #labels: Labels;
  readonly #bounds: readonly number[];
  /** By the first bound that is not below the value; the last is for what is above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[], labels: Labels) {
    this.#bounds = bounds;
    this.#labels = labels;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
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

  values(name: string): Value[] {
    let count = 0;
    const buckets = this.#counts.map((own, index) => {
      count += own;
      const labels = { le: this.#bounds[index] ?? "+Inf", ...this.#labels };
      return { metricName: `${name}_bucket`, labels, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { ...this.#labels }, value: this.#sum },
      { metricName: `${name}_count`, labels: { ...this.#labels }, value: count },
    ];
  }
}

/**
 * A Prometheus histogram for what is observed with every request or every piece of an answer: to observe costs a few
 * comparisons, where prom-client's makes and hashes objects. Scrapes and the metrics of a cluster see no difference.
 * Source: Prometheus, "Exposition formats".
 */
class BaseHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram" as unknown as MetricType;
  readonly aggregator = "sum";
  readonly #buckets: readonly number[];
  protected readonly series: Series[] = [];

  constructor({ name, help, buckets, registry }: HistogramOptions) {
    this.name = name;
    this.help = help;
    this.#buckets = buckets;
    // What a registry needs of a metric is its name and `get`.
    registry.registerMetric(this as unknown as Metric<string>);
  }

  protected add(labels: Labels): Series {
    const added = new Series(this.#buckets, labels);
    this.series.push(added);
    return added;
  }

  reset(): void {
    for (const series of this.series) series.reset();
  }

  async get(): Promise<{
    name: string;
    help: string;
    type: MetricType;
    aggregator: string;
    values: Value[];
  }> {
    const values = this.series.flatMap((series) => series.values(this.name));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}

/** Without labels. */
export class Histogram extends BaseHistogram {
  readonly #only = this.add({});

  observe(value: number): void {
    this.#only.observe(value);
  }
}

/** With labels; whoever observes keeps the series of each set, because looking one up costs more than observing. */
export class HistogramFamily extends BaseHistogram {
  /** A series that nobody has asked for before. Its labels are shown with each of its values. */
  of(labels: Labels): Series {
    return this.add(labels);
  }
}
