import fc from "fast-check";
import { Histogram as PromHistogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { Histogram, HistogramFamily } from "./histogram";
import { clusterMetrics } from "./test-support";

const buckets = [0.001, 0.01, 0.1, 1];

function both() {
  const ours = new Registry();
  const theirs = new Registry();
  const help = "Seconds of something.";
  const own = new Histogram({ name: "x_seconds", help, buckets, registry: ours });
  const peer = new PromHistogram({ name: "x_seconds", help, buckets: [...buckets], registers: [theirs] });
  const observe = (value: number): void => {
    own.observe(value);
    peer.observe(value);
  };
  return { ours, theirs, observe };
}

describe("Histogram", () => {
  it("says what prom-client's says, to the last character", async () => {
    const value = fc.oneof(fc.constantFrom(...buckets), fc.double({ min: 0, max: 5, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 40 }), async (values) => {
        const { ours, theirs, observe } = both();
        for (const each of values) observe(each);
        // Before its first value prom-client shows a histogram without labels as zeros as well.
        expect(await ours.metrics()).toBe(await theirs.metrics());
      }),
    );
  });

  it("adds up over the processes of a cluster", async () => {
    const [one, two] = [both(), both()];
    for (const value of [0.005, 0.5, 7]) one.observe(value);
    two.observe(0.5);
    expect(await clusterMetrics([one.ours, two.ours])).toBe(await clusterMetrics([one.theirs, two.theirs]));
  });

  it("with labels says what prom-client's says, alone and in a cluster", async () => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const help = "Seconds of something.";
    const own = new HistogramFamily({ name: "x_seconds", help, buckets, registry: ours });
    const labelNames = ["endpoint", "model"];
    const peer = new PromHistogram({ name: "x_seconds", help, buckets, labelNames, registers: [theirs] });
    for (const model of ["one", 'two "quoted"']) {
      const labels = { endpoint: "chat", model };
      const series = own.of(labels);
      for (const value of [0.005, 0.5, 7]) {
        series.observe(value);
        peer.observe(labels, value);
      }
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
    const twice = (registry: Registry) => clusterMetrics([registry, registry]);
    expect(await twice(ours)).toBe(await twice(theirs));
  });

  it("is emptied with its registry", async () => {
    const { ours, observe } = both();
    observe(0.5);
    ours.resetMetrics();
    expect(await ours.metrics()).toContain("x_seconds_count 0");
  });
});
