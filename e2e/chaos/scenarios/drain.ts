import { describeEnds, openChatStream } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { seconds } from "../until";
import { Visitor } from "../visitor";

const drainMs = 3_000;
/** What a stop may take beyond the drain limit. */
const marginMs = 1_000;

/** SIGTERM with open streams: what can end within the limit ends whole, the rest is told, and the process goes in time. */
export const drain: Scenario = {
  name: "drain",
  title: "SIGTERM with open streams",
  isInShort: true,
  async run(rig, report) {
    const server = await rig.startServer({ env: { ARENA_DRAIN_MS: String(drainMs) } });
    const [brief, endless] = [uniqueName("brief"), uniqueName("endless")];
    // 22 pieces: about two seconds, and about half a minute.
    await rig.startMock(server, { name: brief, scenario: "plain", delayMs: 80, slots: 16 });
    await rig.startMock(server, { name: endless, scenario: "long", delayMs: 200, slots: 16 });
    const quick = Array.from({ length: 8 }, () => openChatStream({ url: server.url, model: brief }));
    const long = Array.from({ length: 8 }, () => openChatStream({ url: server.url, model: endless }));
    const visitor = new Visitor();
    const battle = await visitor.begin(server.url, "Hello");
    await Promise.all([...quick, ...long].map(({ begun }) => begun));
    const begun = performance.now();
    server.signal("SIGTERM");
    const { code, signal } = await server.exited;
    const took = performance.now() - begun;
    const quickEnds = await Promise.all(quick.map(({ end }) => end));
    const longEnds = await Promise.all(long.map(({ end }) => end));
    report.tried(`8 brief streams: ${describeEnds(quickEnds)}; 8 long ones: ${describeEnds(longEnds)}`);
    report.tried(
      `gone after ${seconds(took)} with ${signal ?? `exit code ${code}`} (limit ${drainMs / 1000} s)`,
    );
    report.must(
      quickEnds.every(({ kind }) => kind === "whole"),
      "an answer that had time to end was cut",
    );
    report.must(
      longEnds.every(({ kind }) => kind === "told"),
      "a reader was not told that the answer ended early",
    );
    report.must(took <= drainMs + marginMs, `the stop took ${seconds(took)}`);
    report.must(code === 0, `it ended with ${signal ?? code}`);

    const next = await rig.startServer({ port: Number(new URL(server.url).port) });
    const status = await visitor.statusOf(next.url, battle ?? "");
    report.tried(`the battle that was being written is ${status} after the restart`);
    report.must(
      status === "blocked" || status === "ready",
      "a battle is neither whole nor told as interrupted",
    );
  },
};
