import { setTimeout as delay } from "node:timers/promises";
import { describeEnds, openChatStream } from "../chat-stream";
import { checkVotes, requireStored } from "../check-votes";
import { type Rig, uniqueName } from "../rig";
import type { Report, Scenario } from "../scenario";
import type { ServerProcess } from "../server-process";
import { seconds, until } from "../until";
import { type Ballot, newBallot, Visitor } from "../visitor";

/** What a vote may come to while the database is away: nothing (status 0), or a 503 that says so. */
const honest = new Set([0, 200, 503]);

type Way = {
  title: string;
  begin: (rig: Rig) => Promise<void>;
  end: (rig: Rig) => Promise<void>;
  ms: number;
};

const relayed = (how: "refuse" | "hang", ms: number): Way => ({
  title: how === "refuse" ? "it refuses connections" : "the network swallows everything",
  begin: async (rig) => rig.relay.cut(how),
  end: async (rig) => rig.relay.restore(),
  ms,
});
const restarted: Way = {
  title: "it crashes and is started again",
  begin: (rig) => rig.restartPostgres(),
  end: async () => undefined,
  ms: 0,
};

export const databaseAway: Scenario = {
  name: "database-away",
  title: "PostgreSQL restarts, and is unreachable, in the middle of battles and votes",
  isInShort: true,
  async run(rig, report, isShort) {
    const server = await rig.startServer();
    for (const word of ["alpha", "beta"]) {
      await rig.startMock(server, { name: uniqueName(word), scenario: "slow", slots: 64 });
    }
    const acknowledged: Ballot[] = [];
    const ways = isShort
      ? [restarted, relayed("hang", 6_000)]
      : [restarted, relayed("refuse", 30_000), relayed("hang", 30_000)];
    for (const way of ways) await spell(rig, server, report, way, acknowledged);
    report.must(server.isRunning(), "the server ended");
    await checkVotes(rig, report, acknowledged);
  },
};

async function spell(
  rig: Rig,
  server: ServerProcess,
  report: Report,
  way: Way,
  acknowledged: Ballot[],
): Promise<void> {
  const [model = ""] = await models(server.url);
  const voters = Array.from({ length: 8 }, () => new Visitor());
  const ballots = await Promise.all(
    voters.map(async (voter, index) => newBallot(await voter.ready(server.url), index)),
  );
  // Battles that are being written when it happens.
  const authors = Array.from({ length: 6 }, () => new Visitor());
  const running = await Promise.all(authors.map((author) => author.begin(server.url, "Hello")));
  await delay(700);
  const streams = Array.from({ length: 6 }, () => openChatStream({ url: server.url, model }));

  const votes = voters.map(async (voter, index) => {
    await delay(index * 20);
    const ballot = ballots[index];
    return ballot === undefined ? 0 : (await voter.vote(server.url, ballot)).status;
  });
  await way.begin(rig);
  const during = way.ms === 0 ? [] : await askDuring(server, model, way.ms);
  await way.end(rig);

  const statuses = await Promise.all(votes);
  const back = await until(async () => {
    const { database } = (await (await fetch(`${server.url}/readyz`)).json()) as { database: boolean };
    return database;
  }, 20_000);
  const ends = await Promise.all(streams.map(({ end }) => end));
  await requireStored(
    rig,
    report,
    ballots.filter((_, index) => statuses[index] === 200),
  );
  for (const [index, status] of statuses.entries()) {
    report.must(honest.has(status), `a vote was answered with ${status} while the database was away`);
    const [voter, ballot] = [voters[index], ballots[index]];
    if (voter === undefined || ballot === undefined) continue;
    const again = await until(async () => (await voter.vote(server.url, ballot)).status === 200, 10_000);
    report.must(again !== null, `a vote cannot be cast after the database is back (first answer ${status})`);
    acknowledged.push(ballot);
  }
  const finished = await Promise.all(
    running.map((id, index) => settle(authors[index] ?? new Visitor(), server.url, id ?? "")),
  );
  const at = way.ms === 0 ? "" : ` for ${way.ms / 1000} s`;
  report.tried(
    `${way.title}${at}: votes in it ${count(statuses)}, streams ${describeEnds(ends)}, asked in it ${count(during)}`,
  );
  report.tried(`  reached again after ${seconds(back)}; battles that were being written: ${count(finished)}`);
  report.must(back !== null, "the server does not find the database again");
  report.must(!ends.some(({ kind }) => kind === "cut"), "a stream ended and its reader was not told");
  report.must(
    finished.every((status) => status === "ready"),
    "an answer that was being written is not kept whole",
  );
  report.must(
    during.every((end) => end === "1 whole"),
    `a stream that needs no database was not answered while it was away: ${count(during)}`,
  );
}

/** What needs no database goes on: streams over the API, from the last view of the workers. */
async function askDuring(server: ServerProcess, model: string, ms: number): Promise<string[]> {
  const until = performance.now() + ms;
  const ends: string[] = [];
  while (performance.now() < until) {
    ends.push(
      describeEnds([await openChatStream({ url: server.url, model, maxTokens: 4, timeoutMs: 15_000 }).end]),
    );
    await delay(500);
  }
  return ends;
}

async function settle(author: Visitor, url: string, id: string): Promise<string> {
  let status: string | null = null;
  await until(async () => {
    status = await author.statusOf(url, id);
    return status === "ready" || status === "blocked";
  }, 40_000);
  return status ?? "never";
}

async function models(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

function count(values: readonly (string | number)[]): string {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.length === 0 ? "none" : [...counts].map(([value, times]) => `${times} × ${value}`).join(", ");
}
