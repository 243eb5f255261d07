import { Counter, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { CounterFamily } from "./counter";
import { clusterMetrics } from "./test-support";

function both() {
  const ours = new Registry();
  const theirs = new Registry();
  const help = "Things that happened.";
  const own = new CounterFamily({ name: "x_total", help, registry: ours });
  const peer = new Counter({ name: "x_total", help, labelNames: ["model", "outcome"], registers: [theirs] });
  const count = (labels: Record<string, string>, ...steps: number[]): void => {
    const place = own.of(labels);
    for (const step of steps) {
      place.inc(step);
      peer.inc(labels, step);
    }
  };
  return { ours, theirs, own, count };
}

describe("CounterFamily", () => {
  it("says what prom-client's says, to the last character", async () => {
    const { ours, theirs, count } = both();
    count({ model: "one", outcome: "complete" }, 1, 1, 40);
    count({ model: 'two "quoted"', outcome: "complete" }, 3);
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it("adds up over the processes of a cluster", async () => {
    const [one, two] = [both(), both()];
    one.count({ model: "one", outcome: "complete" }, 2);
    two.count({ model: "one", outcome: "complete" }, 5);
    two.count({ model: "two", outcome: "complete" }, 1);
    expect(await clusterMetrics([one.ours, two.ours])).toBe(await clusterMetrics([one.theirs, two.theirs]));
  });

  it("shows a count from the beginning, and is emptied with its registry", async () => {
    const { ours, own } = both();
    const place = own.of({ model: "one" });
    expect(await ours.metrics()).toContain('x_total{model="one"} 0');
    place.inc();
    expect(await ours.metrics()).toContain('x_total{model="one"} 1');
    ours.resetMetrics();
    expect(await ours.metrics()).toContain('x_total{model="one"} 0');
  });
});
