import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { processState } from "@/e2e/fixtures/proc";
import { migrate, startEmbeddedPostgres } from "@/lib/db";
import { seededRandom } from "@/lib/rating";
import { importVotes, withConnection } from "@/lib/votes";
import { figure } from "../stats";
import { cpuMs, ms, summary } from "./timed";

/** On an embedded PostgreSQL that is made for it and removed: a file of LMSYS-style votes, imported and chained. One run. */
export async function benchImport(votes: number): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-"));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    password: "bench",
    isTemporary: true,
  });
  try {
    await migrate(postgres.superuserUrl);
    const file = join(folder, "votes.jsonl");
    await writeVotes(file, votes);
    const cpuBefore = cpuMs();
    const startedAt = performance.now();
    let databaseCpuMs: number | null = null;
    const report = await withConnection(postgres.superuserUrl, async (connection) => {
      const done = await importVotes(connection, { file, source: "bench" });
      const { rows } = await connection.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      databaseCpuMs = cpuOfProcess(rows[0]?.pid ?? 0);
      return done;
    });
    const time = performance.now() - startedAt;
    const cpu = cpuMs() - cpuBefore;
    const added = Object.values(report.added).reduce((sum, count) => sum + count, 0);
    if (added !== votes || report.chained !== votes)
      throw new Error(`Of ${votes} votes ${added} were imported, ${report.chained} chained.`);
    const peak = `${figure(process.resourceUsage().maxRSS / 1024)} MB`;
    return [
      summary(`import of ${votes} votes, with the chain`, "≤ 60,000 ms for 1 M", [time], [cpu]),
      [
        "CPU of the database's process meanwhile",
        "",
        "",
        "",
        databaseCpuMs === null ? "" : ms(databaseCpuMs),
        "",
      ],
      ["memory of the importing process at its peak", peak, "", "", "", ""],
    ];
  } finally {
    await postgres.stop({ hurry: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Processor time of a process so far, in milliseconds; null where the system does not tell (not Linux). */
function cpuOfProcess(pid: number): number | null {
  if (process.platform !== "linux") return null;
  const state = processState(pid);
  return state === null ? null : state.cpuSeconds * 1000;
}

/** As data sets have them: 100 models, one voter in eight votes, no conversations. */
async function writeVotes(file: string, votes: number): Promise<void> {
  const random = seededRandom(3);
  const winners = ["model_a", "model_b", "tie", "tie (bothbad)"];
  const stream = createWriteStream(file);
  const chunk: string[] = [];
  for (let row = 0; row < votes; row++) {
    const a = Math.floor(random() * 100);
    const b = (a + 1 + Math.floor(random() * 99)) % 100;
    chunk.push(
      JSON.stringify({
        question_id: Math.floor(random() * 2 ** 48).toString(16) + row.toString(16),
        ...{ model_a: `model-${a}`, model_b: `model-${b}`, winner: winners[Math.floor(random() * 4)] },
        ...{ judge: `arena_user_${row % Math.ceil(votes / 8)}`, turn: 1 + Math.floor(random() * 3) },
        ...{ anony: true, language: "English", tstamp: 1_690_000_000 + row },
      }),
    );
    if (chunk.length < 10_000 && row + 1 < votes) continue;
    const hasRoom = stream.write(`${chunk.splice(0).join("\n")}\n`);
    if (!hasRoom) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}
