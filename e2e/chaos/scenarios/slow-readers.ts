import { setTimeout as delay } from "node:timers/promises";
import { describeEnds, openChatStream } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { holdings } from "../server-process";

/** Readers that stop reading in the middle of long answers: the server must wait for them, not store for them. */
export const slowReaders: Scenario = {
  name: "slow-readers",
  title: "Readers that read slowly, of workers that write fast",
  isInShort: false,
  async run(rig, report, isShort) {
    const [readers, floodBytes] = isShort ? [10, 8 * 1024 * 1024] : [40, 16 * 1024 * 1024];
    const server = await rig.startServer({ env: { ARENA_UPSTREAM_TIMEOUT_MS: "60000" } });
    const [flooded, quick] = [uniqueName("flood"), uniqueName("quick")];
    await rig.startFaulty(server, { name: flooded, fault: "flood", afterPieces: 0, floodBytes });
    await rig.startMock(server, { name: quick, scenario: "instant" });
    const before = await holdings(server);
    const streams = Array.from({ length: readers }, () =>
      openChatStream({ url: server.url, model: flooded, timeoutMs: 120_000 }),
    );
    await Promise.all(streams.map(({ begun }) => begun));
    for (const stream of streams) stream.pause();
    await delay(3_000);
    const held = await holdings(server);
    const begun = performance.now();
    const beside = await openChatStream({ url: server.url, model: quick }).end;
    const besideMs = performance.now() - begun;
    for (const stream of streams) stream.resume();
    const ends = await Promise.all(streams.map(({ end }) => end));
    const total = (readers * floodBytes) / 1024 / 1024;
    const grown = held.rssMib - before.rssMib;
    report.tried(
      `${readers} readers of ${total} MiB stand still: the server grew by ${grown.toFixed(0)} MiB, a quick answer beside them took ${besideMs.toFixed(0)} ms`,
    );
    report.tried(`they read on: ${describeEnds(ends)}`);
    report.must(
      grown < 20 + total / 4,
      `the server keeps ${grown.toFixed(0)} of ${total} MiB for readers that do not read`,
    );
    report.must(beside.kind === "whole" && besideMs < 2_000, "a quick answer had to wait for slow readers");
    for (const end of ends) {
      const isWhole = end.kind === "whole" && end.text.length > floodBytes * 0.8;
      report.must(isWhole, `a slow reader got ${describeEnds([end])}, ${end.text.length} characters`);
    }
  },
};
