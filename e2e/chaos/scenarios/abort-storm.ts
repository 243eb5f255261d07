import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openChatStream, type StreamEnd } from "../chat-stream";
import { uniqueName } from "../rig";
import type { Scenario } from "../scenario";
import { type Holdings, holdings, type ServerProcess } from "../server-process";
import { seconds, until } from "../until";

/**
 * What a process may keep of storms: connections that stay open for the next request; a heap that has grown, and the two halves of
 * its young generation (`serverFlags`), whose pages are there only once they were used.
 */
const slack = { fds: 40, rssMib: 60 + 2 * 64 } as const;

/** What a cut stream may have left behind in the heap when the garbage is collected; a leak of the stream itself is far more. */
const mostHeapKib = 2;
const storms = 5;

const collector = fileURLToPath(new URL("../collecting-garbage.mjs", import.meta.url));

/** Of one worker. */
const mostSlots = 256;

export const abortStorm: Scenario = {
  name: "abort-storm",
  title: "Streams are cut by their readers, all at once",
  isInShort: true,
  async run(rig, report, isShort) {
    const streams = isShort ? 300 : 1_000;
    const server = await rig.startServer({
      env: { ARENA_QUEUE_LIMIT: "4096" },
      nodeArgs: ["--expose-gc", "--import", collector],
    });
    const name = uniqueName("model");
    for (let left = streams; left > 0; left -= mostSlots) {
      await rig.startMock(server, { name, scenario: "long", delayMs: 25, slots: mostSlots });
    }
    const before = await holdings(server);
    const seen: Holdings[] = [];
    for (let storm = 1; storm <= storms; storm += 1) {
      const took = await strike(server, name, streams);
      report.must(took !== null, `storm ${storm}: claims or sockets stay after the streams were cut`);
      const after = await holdings(server);
      seen.push(after);
      report.tried(
        `storm ${storm}, ${streams} streams cut: no claim after ${seconds(took)}, ${after.fds} descriptors (${before.fds} before), ${after.rssMib.toFixed(0)} MiB (${before.rssMib.toFixed(0)} before)`,
      );
      report.must(
        after.fds <= before.fds + slack.fds,
        `storm ${storm}: ${after.fds - before.fds} descriptors stay`,
      );
    }
    // The first storm compiles code and fills what is kept for the next request; it grows the heap, too.
    const kept = ((seen.at(-1)?.heapMib ?? 0) - (seen[0]?.heapMib ?? 0)) * 1024;
    const each = kept / ((storms - 1) * streams);
    report.tried(
      `heap in use: ${before.heapMib.toFixed(1)} MiB before, ${seen[0]?.heapMib.toFixed(1)} after the first storm, ${seen.at(-1)?.heapMib.toFixed(1)} after the last`,
    );
    report.must(each < mostHeapKib, `each cut stream leaves ${each.toFixed(1)} KiB in the heap`);
    const growth = (seen.at(-1)?.rssMib ?? 0) - (seen[0]?.rssMib ?? 0);
    report.must(
      growth < slack.rssMib,
      `the server grew by ${growth.toFixed(0)} MiB from the first storm to the last`,
    );
    let latest: StreamEnd | null = null;
    const answered = await until(async () => {
      latest = await openChatStream({ url: server.url, model: name, maxTokens: 8 }).end;
      return latest.kind === "whole";
    }, 10_000);
    report.must(answered !== null, `after the storms nothing is answered: ${JSON.stringify(latest)}`);
  },
};

async function strike(server: ServerProcess, model: string, count: number): Promise<number | null> {
  const before = (await holdings(server)).fds;
  const streams = Array.from({ length: count }, () => openChatStream({ url: server.url, model }));
  await Promise.all(streams.map(({ begun }) => begun));
  const { claims } = await holdings(server);
  if (claims < count) throw new Error(`${claims} of ${count} streams were under way when they were cut.`);
  for (const stream of streams) stream.abort();
  const took = await until(async () => {
    const { claims, waiting, fds } = await holdings(server);
    return claims === 0 && waiting === 0 && fds <= before + slack.fds;
  }, 15_000);
  // A moment for what is freed to be given back, and collected.
  await delay(500);
  server.signal("SIGUSR2");
  await delay(500);
  return took;
}
