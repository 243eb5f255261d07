import { scenarioText } from "@/workers/engine/mock";
import { describeEnds, openChatStream } from "../chat-stream";
import { faults } from "../faulty-worker";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { holdings } from "../server-process";
import { until } from "../until";

/** Few enough for the budget of retries (ten in 10 s, and a fifth of the requests), which ends before a storm of them would. */
const requests = 6;

/** A worker that says it is well and does not keep to HTTP, beside one that does. */
export const workerFaults: Scenario = {
  name: "worker-faults",
  title: "A worker resets, stalls, sends garbage, closes half",
  isInShort: true,
  async run(rig, report, isShort) {
    for (const fault of faults) {
      // A server of its own for each: the retries of one fault are none of the next one's budget.
      const server = await rig.startServer({ env: { ARENA_UPSTREAM_TIMEOUT_MS: "1500" } });
      for (const afterPieces of isShort && fault === "stall" ? [3] : [0, 3]) {
        const name = uniqueName("model");
        const faulty = await rig.startFaulty(server, { name, fault, afterPieces });
        const good = await rig.startMock(server, { name, scenario: "plain", slots: 64 });
        const streams = Array.from({ length: requests }, () =>
          openChatStream({ url: server.url, model: name }),
        );
        const ends = await Promise.all(streams.map(({ end }) => end));
        const when = afterPieces === 0 ? "before its first byte" : `after ${afterPieces} pieces`;
        report.tried(`${fault} ${when}, ${faulty.requests()} times: ${describeEnds(ends)}`);
        report.must(faulty.requests() > 0, "no request reached the faulty worker");
        report.must(!ends.some(({ kind }) => kind === "cut"), `${fault} ${when}: a reader was not told`);
        report.must(
          ends.every((end) => end.kind !== "whole" || end.text === scenarioText("plain")),
          `${fault} ${when}: an answer that broke off is told as a whole one`,
        );
        const told = ends.filter(({ kind }) => kind === "told").length;
        // Whoever had no text yet goes to the other worker; whoever had some is told, each of them.
        const expected = afterPieces === 0 ? 0 : faulty.requests();
        report.must(told === expected, `${fault} ${when}: ${told} readers were told, not ${expected}`);
        await Promise.all([faulty.close(), good.kill()]);
      }
      report.must(server.isRunning(), `${fault}: the server ended`);
      const clean = await until(async () => (await holdings(server)).claims === 0, 5_000);
      report.must(clean !== null, `${fault}: claims stay open`);
      server.signal("SIGTERM");
      await server.exited;
    }
  },
};
