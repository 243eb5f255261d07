import { describe, expect, it } from "vitest";
import { LoadMeter } from "./load-meter";
import { parseMetrics } from "./prometheus";

describe("parseMetrics", () => {
  it("sums over labels and leaves out what is no sample", () => {
    const metrics = parseMetrics(
      [
        "# HELP vllm:num_requests_running Number of requests in model execution batches.",
        "# TYPE vllm:num_requests_running gauge",
        'vllm:num_requests_running{engine="0",model_name="a}b\\"c"} 3.0',
        'vllm:num_requests_running{engine="1",model_name="x"} 4.0 1700000000000',
        "up 1",
        "nan NaN",
        "<html>",
      ].join("\n"),
    );
    expect([...metrics]).toEqual([
      ["vllm:num_requests_running", 7],
      ["up", 1],
    ]);
  });
});

describe("LoadMeter", () => {
  const meter = () =>
    new LoadMeter({
      running: "run",
      waiting: "wait",
      secondsPerToken: ["itl", "tpot"],
      tokensPerSecond: "speed",
    });
  const read = (one: LoadMeter, text: string) => one.read(parseMetrics(text));

  it("tells the speed since the last look, over a restart, too, and keeps it while nothing is made", () => {
    const one = meter();
    expect(read(one, "run 2\nwait 1\ntpot_sum 10\ntpot_count 1000")).toEqual({
      busySlots: 2,
      queued: 1,
      tokensPerSecond: 100,
    });
    expect(read(one, "run 0\ntpot_sum 30\ntpot_count 2000")).toMatchObject({
      queued: 0,
      tokensPerSecond: 50,
    });
    expect(read(one, "run 0\ntpot_sum 30\ntpot_count 2000")?.tokensPerSecond).toBe(50);
    expect(read(one, "run 0\ntpot_sum 1\ntpot_count 10")?.tokensPerSecond).toBe(10);
  });

  it("takes a gauge, but not its zero before the first answer", () => {
    expect(read(meter(), "run 0\nspeed 0")?.tokensPerSecond).toBeNull();
    expect(read(meter(), "run 0\nspeed 33.5")?.tokensPerSecond).toBe(33.5);
  });

  it("is null where the metrics do not tell", () => {
    expect(read(meter(), "other 1")).toBeNull();
  });
});
