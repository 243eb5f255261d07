import { scenarioText } from "@/workers/engine/mock";
import { describeEnds, openChatStream } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { holdings } from "../server-process";
import { seconds, until } from "../until";

/** SIGSTOP: the kernel goes on taking connections for a process that does nothing any more. */
export const workerStopped: Scenario = {
  name: "worker-stopped",
  title: "A worker stands still (SIGSTOP) and comes back (SIGCONT)",
  isInShort: false,
  async run(rig, report, isShort) {
    const server = await rig.startServer();
    const name = uniqueName("model");
    const frozen = await rig.startMock(server, { name, scenario: "slow", slots: 32 });
    await rig.startMock(server, { name, scenario: "slow", slots: 32 });
    const running = Array.from({ length: 10 }, () => openChatStream({ url: server.url, model: name }));
    await Promise.all(running.map(({ begun }) => begun));
    process.kill(frozen.pid, "SIGSTOP");
    try {
      const begun = performance.now();
      const fresh = Array.from({ length: 10 }, () => openChatStream({ url: server.url, model: name }));
      const ends = await Promise.all(running.map(({ end }) => end));
      report.tried(`10 running streams: ${describeEnds(ends)} after ${seconds(performance.now() - begun)}`);
      report.must(!ends.some(({ kind }) => kind === "cut"), "a stream ended and its reader was not told");
      report.must(
        ends.every((end) => end.kind !== "whole" || end.text === scenarioText("slow")),
        "an answer that broke off is told as a whole one",
      );
      report.must(
        ends.some(({ kind }) => kind === "told"),
        "no stream was at the stopped worker",
      );
      const freshEnds = await Promise.all(fresh.map(({ end }) => end));
      report.tried(`10 requests right after it stood still: ${describeEnds(freshEnds)}`);
      report.must(
        freshEnds.every(({ kind }) => kind === "whole"),
        "a request that could have gone to the other worker",
      );
      // Out by now: nobody waits for it any more.
      const later = await openChatStream({ url: server.url, model: name, timeoutMs: 8_000 }).end;
      report.must(later.kind === "whole", `a later request: ${describeEnds([later])}`);
    } finally {
      process.kill(frozen.pid, "SIGCONT");
    }
    // Its errors in a row keep it out for half a minute, or a minute after the next ones; until then it is known to live.
    const [health, count, limitMs] = isShort
      ? (["out", 0, 10_000] as const)
      : (["healthy", 2, 70_000] as const);
    const back = await until(async () => (await workersOf(server.url, health)) === count, limitMs);
    report.tried(
      `after SIGCONT it is ${isShort ? "heard again" : "used again"} by itself in ${seconds(back)}`,
    );
    const states = await Promise.all(
      ["healthy", "out", "ejected"].map(async (state) => `${await workersOf(server.url, state)} ${state}`),
    );
    report.must(back !== null, `the worker did not come back: ${states.join(", ")}`);
    report.must(
      (await until(async () => (await holdings(server)).claims === 0, 5_000)) !== null,
      "claims of the stopped worker stay open",
    );
  },
};

async function workersOf(url: string, health: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^arena_workers\\{health="${health}"\\} (\\d+)`, "m").exec(text)?.[1]);
}
