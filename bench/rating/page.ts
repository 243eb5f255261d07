import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchSite } from "@/e2e/fixtures/process-tree";
import { closeDatabase, createDatabase, migrate, startEmbeddedPostgres } from "@/lib/db";
import { insertVotes } from "@/lib/leaderboard/test-support";
import { summary } from "./timed";

type Options = { votes: number; models: number; rounds: number; port: number };

/**
 * The page `/leaderboard` of the production build, over one connection that stays open, from the request to the answer's last
 * byte. A question that is answered without any work says what of that is not the page.
 */
export async function benchPage({ votes, models, rounds, port }: Options): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-"));
  const releases: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const directory = join(folder, "postgres");
    const postgres = await startEmbeddedPostgres({ directory, password: "bench", isTemporary: true });
    releases.push(() => postgres.stop({ hurry: true }));
    await migrate(postgres.superuserUrl);
    process.stderr.write(`Writing ${votes} votes …\n`);
    const db = createDatabase(postgres.superuserUrl);
    await insertVotes(db, { models, votes }).finally(() => closeDatabase(db));
    const site = await launchSite({
      ...{ HOST: "127.0.0.1", PORT: String(port), ARENA_DATA_DIR: join(folder, "site") },
      ...{ DATABASE_URL: postgres.superuserUrl, ARENA_UNGUARDED: "1" },
      ...{ ARENA_DEMO_WORKERS: "0", ARENA_LOG_LEVEL: "warn" },
    });
    releases.push(() => site.stop());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    releases.push(async () => agent.destroy());

    const measure = async (path: string, count: number, cookie = "visitor=bench") => {
      const times: number[] = [];
      let bytes = 0;
      // The first ones load the page's code.
      for (let n = -10; n < count; n++) {
        const startedAt = performance.now();
        bytes = await fetchPage(agent, `http://127.0.0.1:${port}${path}`, cookie);
        if (n >= 0) times.push(performance.now() - startedAt);
      }
      return { times, bytes };
    };
    const nothing = await measure("/healthz", rounds * 30);
    const kept = await measure("/leaderboard", rounds * 30);
    const rendered = await measure("/leaderboard", rounds * 3, "somebody=1");
    const board = `${models} models, ${Math.round(kept.bytes / 1024)} KiB with gzip`;
    return [
      summary(`/leaderboard from memory, ${board}`, "≤ 5 ms", kept.times),
      summary("/leaderboard, rendered for somebody", "", rendered.times),
      summary("/healthz over the same connection", "", nothing.times),
    ];
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function fetchPage(agent: Agent, url: string, cookie: string): Promise<number> {
  const headers = { "accept-encoding": "gzip", "accept-language": "en", cookie };
  const request = get(url, { agent, headers });
  const [response] = await once(request, "response");
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}.`);
  return bytes;
}
