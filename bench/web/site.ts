import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchSite } from "@/e2e/fixtures/process-tree";
import { startMockWorker } from "@/e2e/fixtures/worker-process";

export type BenchSite = { url: string; stop(): Promise<void> };

/**
 * The production build, started as an operator starts it, with a database of its own and two scripted workers that write Markdown
 * of every kind at about 100 tokens a second. Whatever was started is ended by `stop`, or before an error is thrown.
 */
export async function startBenchSite(port: number): Promise<BenchSite> {
  const folder = await mkdtemp(join(tmpdir(), "arena-bench-web-"));
  const releases: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const release of releases.splice(0).reverse()) await release();
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    const site = await launchSite({
      ...{ HOST: "127.0.0.1", PORT: String(port), ARENA_DATA_DIR: folder, ARENA_UNGUARDED: "1" },
      ...{ ARENA_DEMO_WORKERS: "0", ARENA_LOG_LEVEL: "warn" },
    });
    releases.push(() => site.stop());
    const secrets = JSON.parse(await readFile(join(folder, "secrets.json"), "utf8")) as { joinToken: string };
    for (const name of ["heron", "stork"]) {
      const options = { name, scenario: "rich", controllerUrl: url, joinToken: secrets.joinToken };
      const worker = await startMockWorker(options);
      releases.push(() => worker.stop());
    }
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
