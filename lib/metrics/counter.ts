import type { Metric, MetricType, Registry } from "prom-client";

type Labels = Readonly<Record<string, string>>;

/** What is counted under one set of labels. */
export class Count {
  value = 0;
  readonly labels: Labels;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  inc(by = 1): void {
    this.value += by;
  }
}

/**
 * A Prometheus counter with labels, for what is counted with every request: whoever counts keeps the count of each set, where
 * prom-client's looks it up by a text made of all labels. Scrapes and the metrics of a cluster see no difference.
 * Source: Prometheus, "Exposition formats".
 */
export class CounterFamily {
  readonly name: string;
  readonly help: string;
  readonly type = "counter" as unknown as MetricType;
  readonly aggregator = "sum";
  readonly #counts: Count[] = [];

  constructor({ name, help, registry }: { name: string; help: string; registry: Registry }) {
    this.name = name;
    this.help = help;
    // What a registry needs of a metric is its name and `get`.
    registry.registerMetric(this as unknown as Metric<string>);
  }

  /** A count that nobody has asked for before. It is shown from now on, as 0 at first. */
  of(labels: Labels): Count {
    const added = new Count(labels);
    this.#counts.push(added);
    return added;
  }

  reset(): void {
    for (const count of this.#counts) count.value = 0;
  }

  async get(): Promise<{
    name: string;
    help: string;
    type: MetricType;
    aggregator: string;
    values: { value: number; labels: Record<string, string> }[];
  }> {
    const values = this.#counts.map(({ value, labels }) => ({ value, labels: { ...labels } }));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }
}
