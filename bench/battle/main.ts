import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Rig, uniqueName } from "@/e2e/chaos/rig";
import { watchProcess } from "../gateway/process-usage";
import { loadLine, machineLine } from "../machine";
import { figure, markdownTable, quantile } from "../stats";
import { type Played, playBattle } from "./play-battle";
import { watchPostgres } from "./postgres-usage";

/** `npm run bench -- battle`: what a battle and its vote cost the server and the database. */

const usage = `Usage: npm run bench -- battle [options]

Visitors come at a steady rate; each sends a prompt, follows both answers (200 tokens, 20 a second) to their end and votes. One server as in
production, an embedded PostgreSQL that keeps every commit on disk, scripted workers. The rate must fit: what a battle costs is counted.

  --rate N       battles begun each second (8)
  --seconds N    for so long (60)
`;

const optionsSchema = z.object({
  rate: z.coerce.number().positive().max(1_000).default(8),
  seconds: z.coerce.number().int().min(5).max(3_600).default(60),
});

const { values } = parseArgs({
  options: { rate: { type: "string" }, seconds: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (values.help === true) print(usage);
else await measure(optionsSchema.parse(values));

async function measure({ rate, seconds }: z.infer<typeof optionsSchema>): Promise<void> {
  print(machineLine());
  const rig = await Rig.start();
  try {
    const server = await rig.startServer({ env: { ARENA_HEARTBEAT_MS: "5000" } });
    for (const word of ["alpha", "beta"]) {
      await rig.startMock(server, { name: uniqueName(word), scenario: "usual", slots: 256 });
    }
    // Code is compiled and connections are opened by the first ones.
    await Promise.all(Array.from({ length: 8 }, (_, index) => playBattle(server.url, index)));

    const serverUsage = watchProcess(server.pid);
    const postgresUsage = await watchPostgres(rig);
    const { played, failures } = await playAtRate(server.url, rate, seconds);
    const own = serverUsage();
    const database = await postgresUsage();

    for (const failure of failures.slice(0, 5)) print(`failed: ${failure}`);
    const count = played.length;
    const each = (total: number): string => figure(total / count);
    const of = (key: keyof Played, share: number): string =>
      figure(
        quantile(
          played.map((one) => one[key]),
          share,
        ),
      );
    print(`\n${count} battles with their votes in ${seconds} s, ${failures.length} failed; ${loadLine()}\n`);
    print(
      markdownTable(
        ["a battle of two answers, and its vote", "figure"],
        [
          ["server: CPU ms", each((own?.cpuSeconds ?? Number.NaN) * 1000)],
          ["server: peak memory, MiB", figure(own?.peakRssMib ?? Number.NaN)],
          ["PostgreSQL: CPU ms", each(database.cpuSeconds * 1000)],
          ["PostgreSQL: transactions", each(database.transactions)],
          ["PostgreSQL: log (WAL), KiB", each(database.walMib * 1024)],
          ["PostgreSQL: memory of all its processes, MiB", figure(database.memoryMib)],
          ["prompt → first text, ms: median, 99 %", `${of("firstTextMs", 0.5)}, ${of("firstTextMs", 0.99)}`],
          ["prompt → both answers, ms: median, 99 %", `${of("readyMs", 0.5)}, ${of("readyMs", 0.99)}`],
          ["vote, ms: median, 99 %", `${of("voteMs", 0.5)}, ${of("voteMs", 0.99)}`],
        ],
      ),
    );
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await rig.end();
  }
}

type Outcome = { played: Played[]; failures: string[] };

/** Begins battles at the rate whatever becomes of them, and waits for all. */
async function playAtRate(url: string, rate: number, seconds: number): Promise<Outcome> {
  const outcome: Outcome = { played: [], failures: [] };
  const running: Promise<void>[] = [];
  const begun = performance.now();
  for (let index = 0; index < rate * seconds; index += 1) {
    await delay(Math.max(0, begun + (index / rate) * 1000 - performance.now()));
    running.push(
      playBattle(url, index).then(
        (played) => void outcome.played.push(played),
        (error: unknown) =>
          void outcome.failures.push(error instanceof Error ? error.message : String(error)),
      ),
    );
  }
  await Promise.all(running);
  return outcome;
}
