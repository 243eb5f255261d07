/** Values by metric name, summed over labels: one engine may report for each of its models or ranks. */
export type Metrics = ReadonlyMap<string, number>;

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?[ \t]+(\S+)/;

/** Source: Prometheus text exposition format 0.0.4. Lines that are no samples are left out. */
export function parseMetrics(text: string): Metrics {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, written] = sampleLine.exec(line) ?? [];
    const value = Number(written);
    if (name === undefined || !Number.isFinite(value)) continue;
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}
