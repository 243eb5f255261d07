import { scenarioText } from "@/workers/engine/mock";
import { describeEnds, openChatStream } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { holdings } from "../server-process";
import { seconds, until } from "../until";
import { Visitor } from "../visitor";

/** `kill -9` of one of two workers with the same model. */
export const workerKilled: Scenario = {
  name: "worker-killed",
  title: "A worker is killed (SIGKILL) before and after the first token",
  isInShort: true,
  async run(rig, report) {
    const server = await rig.startServer();
    const name = uniqueName("model");
    const first = await rig.startMock(server, { name, scenario: "slow", slots: 32 });
    await rig.startMock(server, { name, scenario: "slow", slots: 32 });
    // Before: the mock waits 500 ms before its first piece.
    const early = Array.from({ length: 20 }, () => openChatStream({ url: server.url, model: name }));
    const claimed = await until(async () => (await holdings(server)).claims === 20, 3_000);
    await first.kill();
    const earlyEnds = await Promise.all(early.map(({ end }) => end));
    report.tried(`20 streams, one of two workers killed before any text: ${describeEnds(earlyEnds)}`);
    report.must(claimed !== null, "the streams never were at a worker");
    for (const end of earlyEnds) {
      const isWhole = end.kind === "whole" && end.text === scenarioText("slow");
      report.must(isWhole, `an answer that could have gone to the other worker: ${describeEnds([end])}`);
    }

    const second = await rig.startMock(server, { name, scenario: "slow", slots: 32 });
    const late = Array.from({ length: 20 }, () => openChatStream({ url: server.url, model: name }));
    await Promise.all(late.map(({ begun }) => begun));
    await second.kill();
    const lateEnds = await Promise.all(late.map(({ end }) => end));
    report.tried(`20 streams, one of two workers killed after the first text: ${describeEnds(lateEnds)}`);
    report.must(!lateEnds.some(({ kind }) => kind === "cut"), "a stream ended and its reader was not told");
    report.must(
      lateEnds.every((end) => end.kind !== "whole" || end.text === scenarioText("slow")),
      "an answer that broke off is told as a whole one",
    );
    report.must(
      lateEnds.some(({ kind }) => kind === "told"),
      "no stream was at the killed worker, so nothing was tried",
    );

    // A battle that loses a side goes on by a retry.
    const third = await rig.startMock(server, { name: `${name}-b`, scenario: "slow" });
    const visitor = new Visitor();
    const id = await visitor.begin(server.url, "Hello");
    const isWriting = await until(async () => (await textOf(visitor, server.url, id)) > 20, 5_000);
    await third.kill();
    const blocked = await until(
      async () => (await visitor.statusOf(server.url, id ?? "")) === "blocked",
      10_000,
    );
    await rig.startMock(server, { name: `${name}-b`, scenario: "plain" });
    for (const side of ["a", "b"])
      await visitor.call(server.url, "POST", `/api/battles/${id}/retry`, { side });
    const ready = await until(async () => (await visitor.statusOf(server.url, id ?? "")) === "ready", 15_000);
    report.tried(
      `a battle loses one side: told after ${seconds(blocked)}, whole again ${seconds(ready)} after a retry`,
    );
    report.must(isWriting !== null && blocked !== null && ready !== null, "the battle did not come back");

    const clean = await until(async () => (await holdings(server)).claims === 0, 5_000);
    report.must(clean !== null, "claims of the killed workers stay open");
  },
};

async function textOf(visitor: Visitor, url: string, id: string | null): Promise<number> {
  const { json } = await visitor.call(url, "GET", `/api/battles/${id}`);
  const [turn] = (json as { turns: { a: { text: string }; b: { text: string } }[] }).turns;
  return Math.min(turn?.a.text.length ?? 0, turn?.b.text.length ?? 0);
}
