import { parseArgs } from "node:util";
import { checkVotes } from "../chaos/check-votes";
import { Rig, uniqueName } from "../chaos/rig";
import { type Holdings, holdings } from "../chaos/server-process";
import type { Ballot } from "../chaos/visitor";
import { familyOf, processState } from "../fixtures/proc";
import { judge } from "./judge";
import { loggedErrors } from "./logged-errors";
import { kinds, oneVisit, type Sample, visitAtRate } from "./traffic";
import { type Window, type Work, windowOf } from "./window";

// `npm run soak -- [--minutes N]`: mixed traffic at 70 % of what this machine takes; memory and latency must stay flat.

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, load: { type: "string", default: "0.7" } },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const minutes = Number(values.minutes);
const load = Number(values.load);
if (!(minutes > 0) || !(load > 0)) {
  process.stderr.write("--minutes and --load need numbers above 0.\n");
  process.exit(2);
}
const windowMs = Math.max(5_000, Math.min(30_000, (minutes * 60_000) / 60));
/** The server is looked at so often within a window. */
const looksPerWindow = 5;

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

function windowLine(window: Window, endMinutes: number): string {
  const latency = kinds.map((kind) => `${kind} ${window.p95[kind].toFixed(0)}`).join(", ");
  const memory = `${window.rssMib.toFixed(0)} MiB, heap ${window.heapMib.toFixed(0)}`;
  return `  ${endMinutes.toFixed(1)} min: ${window.count} requests, ${window.bad} bad; p95 ms ${latency}; ${memory}; ${window.fds} descriptors; CPU ms ${window.serverMs.toFixed(1)}, database ${window.databaseMs.toFixed(1)}`;
}

const rig = await Rig.start();
let failures = 0;
const fail = (line: string): void => {
  failures += 1;
  print(`LOST ${line}`);
};
try {
  const server = await rig.startServer({
    env: { ARENA_HEARTBEAT_MS: "5000", ARENA_UPSTREAM_TIMEOUT_MS: "30000" },
  });
  const names = [uniqueName("alpha"), uniqueName("beta")];
  for (const name of names) await rig.startMock(server, { name, scenario: "plain", slots: 256 });
  let samples: Sample[] = [];
  const acknowledged: Ballot[] = [];
  const visit = () =>
    oneVisit(server.url, names[0] ?? "", {
      took: (sample) => {
        samples.push(sample);
        if (sample.fault !== null)
          process.stderr.write(`bad ${sample.kind}: ${sample.fault.slice(0, 500)}\n`);
      },
      acknowledged: (ballot) => acknowledged.push(ballot),
    });
  const most = await capacity(visit);
  const rate = most * load;
  print(
    `${most.toFixed(2)} visits/s fit; ${rate.toFixed(2)} visits/s for ${minutes} min (a visit: 2 streams, a battle and its vote, the board, a page)`,
  );
  const badAtMost = samples.filter(({ fault }) => fault !== null).length;
  if (badAtMost > 0) fail(`${badAtMost} of ${samples.length} requests while it was found what fits`);
  samples = [];
  let looks: Holdings[] = [];
  const windows: Window[] = [];
  const workSoFar = (): Work => ({
    server: processState(server.pid)?.cpuSeconds ?? Number.NaN,
    database: familyOf(rig.postgresPid).cpuSeconds,
  });
  let before = workSoFar();
  const look = async (isLast: boolean): Promise<void> => {
    looks.push(await holdings(server));
    if (looks.length < looksPerWindow && !isLast) return;
    const after = workSoFar();
    const window = { ...windowOf(samples, looks, { before, after }), isPartial: isLast };
    before = after;
    samples = [];
    looks = [];
    windows.push(window);
    print(windowLine(window, (windows.length * windowMs) / 60_000));
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = look(false);
  }, windowMs / looksPerWindow);
  await visitAtRate(visit, rate, minutes * 60_000, interrupted.signal);
  clearInterval(timer);
  await looking;
  // Requests that ended after the last window count too.
  if (samples.length > 0) await look(true);

  print("");
  for (const { line, isGood } of judge(windows)) {
    if (!isGood) failures += 1;
    print(line);
  }
  const must = (condition: boolean, otherwise: string): void => {
    if (!condition) fail(otherwise);
  };
  await checkVotes(rig, { tried: print, lost: fail, must }, acknowledged);
  for (const said of loggedErrors(server.logFile)) fail(`an error in the server's log: ${said}`);
} finally {
  await rig.end();
}
process.exit(failures === 0 && !interrupted.signal.aborted ? 0 : 1);
