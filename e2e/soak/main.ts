import { parseArgs } from "node:util";
import { checkVotes } from "../chaos/check-votes";
import { Rig, uniqueName } from "../chaos/rig";
import { holdings, type ServerProcess } from "../chaos/server-process";
import { isFlat, trendOf } from "./slope";
import { type Kind, kinds, oneVisit, type Sample, visitAtRate } from "./traffic";

// `npm run soak -- [--minutes N]`: mixed traffic at 70 % of what this machine takes; memory and latency must stay flat.

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, load: { type: "string", default: "0.7" } },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const minutes = Number(values.minutes);
const load = Number(values.load);
const windowMs = Math.max(5_000, Math.min(30_000, (minutes * 60_000) / 60));
/** Heaps grow and code is compiled in the first part, which tells nothing of the rest. */
const warmUpShare = 0.25;
const tolerance = { memory: 0.1, latency: 0.25 } as const;

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

/** Visits a second that the site answers when as many as are useful are under way. */
async function capacity(visit: () => Promise<void>): Promise<number> {
  const [lanes, ms] = [16, 20_000];
  let done = 0;
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - begun < ms && !interrupted.signal.aborted) {
      await visit();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done / ((performance.now() - begun) / 1000);
}

type Window = {
  p95: Record<Kind, number>;
  p50: Record<Kind, number>;
  rssMib: number;
  fds: number;
  bad: number;
  count: number;
};

function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function closeWindow(server: ServerProcess, samples: readonly Sample[]): Promise<Window> {
  const { rssMib, fds } = await holdings(server);
  const of = (share: number) =>
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        quantile(
          samples.filter((sample) => sample.kind === kind).map(({ ms }) => ms),
          share,
        ),
      ]),
    ) as Record<Kind, number>;
  return {
    p95: of(0.95),
    p50: of(0.5),
    rssMib,
    fds,
    bad: samples.filter(({ isGood }) => !isGood).length,
    count: samples.length,
  };
}

const rig = await Rig.start();
let failures = 0;
try {
  const server = await rig.startServer({
    env: { ARENA_HEARTBEAT_MS: "5000", ARENA_UPSTREAM_TIMEOUT_MS: "30000" },
  });
  const names = [uniqueName("alpha"), uniqueName("beta")];
  for (const name of names) await rig.startMock(server, { name, scenario: "plain", slots: 256 });
  let samples: Sample[] = [];
  const visit = () => oneVisit(server.url, names[0] ?? "", (sample) => samples.push(sample));
  const most = await capacity(visit);
  const rate = most * load;
  print(
    `${most.toFixed(2)} visits/s fit; ${rate.toFixed(2)} visits/s for ${minutes} min (a visit: 2 streams, a battle and its vote, the board, a page)`,
  );
  samples = [];
  const windows: Window[] = [];
  const timer = setInterval(async () => {
    const taken = samples;
    samples = [];
    const window = await closeWindow(server, taken);
    windows.push(window);
    print(
      `  ${((windows.length * windowMs) / 60_000).toFixed(1)} min: ${window.count} requests, ${window.bad} bad; p95 ms ${kinds.map((kind) => `${kind} ${window.p95[kind].toFixed(0)}`).join(", ")}; ${window.rssMib.toFixed(0)} MiB, ${window.fds} descriptors`,
    );
  }, windowMs);
  await visitAtRate(visit, rate, minutes * 60_000, interrupted.signal);
  clearInterval(timer);

  const settled = windows.slice(Math.ceil(windows.length * warmUpShare));
  const judge = (what: string, series: readonly number[], allowed: number, unit: string): void => {
    const trend = trendOf(series);
    const verdict = isFlat(trend, allowed) ? "flat" : "RISES";
    if (verdict === "RISES") failures += 1;
    print(
      `${what.padEnd(22)} ${verdict}: mean ${trend.mean.toFixed(1)} ${unit}, rise ${trend.rise.toFixed(1)} ± ${trend.error.toFixed(1)}`,
    );
  };
  print("");
  judge(
    "memory",
    settled.map(({ rssMib }) => rssMib),
    tolerance.memory,
    "MiB",
  );
  judge(
    "descriptors",
    settled.map(({ fds }) => fds),
    tolerance.memory,
    "",
  );
  for (const kind of kinds) {
    judge(
      `${kind}, median`,
      settled.map(({ p50 }) => p50[kind]),
      tolerance.latency,
      "ms",
    );
    judge(
      `${kind}, 95 %`,
      settled.map(({ p95 }) => p95[kind]),
      tolerance.latency,
      "ms",
    );
  }
  const bad = windows.reduce((sum, window) => sum + window.bad, 0);
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  print(`${count} requests, ${bad} bad`);
  if (bad > 0) failures += 1;
  await checkVotes(
    rig,
    {
      tried: print,
      lost: (line) => {
        failures += 1;
        print(`LOST ${line}`);
      },
      must: (condition, otherwise) => {
        if (condition) return;
        failures += 1;
        print(`LOST ${otherwise}`);
      },
    },
    [],
  );
} finally {
  await rig.end();
}
process.exit(failures === 0 && !interrupted.signal.aborted ? 0 : 1);
