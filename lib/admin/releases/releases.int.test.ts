import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { listAudit } from "@/lib/audit";
import { manifestName, manifestSchema } from "@/lib/votes";
import { createVoteSite, type VoteSite } from "@/lib/votes/test-support";
import { cancelReleaseJob, listReleaseJobs, startReleaseJob } from "./release-jobs";
import { createReleaseMaker } from "./release-maker";
import { runRelease } from "./run-release";

let site: VoteSite;
let folder: string;
const actor = { kind: "user", id: "u1", label: "root@arena.example" } as const;
const failures: object[] = [];

beforeAll(async () => {
  site = await createVoteSite();
  await site.castVotes(30);
  folder = join(site.folder, "releases");
});
afterAll(() => site.close());
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await site.database.db.releaseJob.deleteMany();
});

const places = () => ({ databaseUrl: site.database.url, releasesFolder: folder });
const run = (jobId: string, signal = new AbortController().signal) =>
  runRelease({ db: site.database.db, ...places() }, jobId, signal);
const linesOf = async (release: string) =>
  (await listAudit(site.database.db, { targetId: release })).map(({ action, actorLabel }) => [
    action,
    actorLabel,
  ]);

describe("a release from the console", () => {
  it("is made in a thread, with its line in the audit log", async () => {
    const { db } = site.database;
    const maker = createReleaseMaker({
      ...places(),
      logger: { error: (fields) => failures.push(fields) },
    });
    await maker.requireFree("first");
    const job = await startReleaseJob(db, actor, { release: "first", licence: "CC0-1.0" });
    maker.begin(job.id);
    await vi.waitFor(
      async () => {
        const [latest] = await listReleaseJobs(db);
        expect([latest?.state, latest?.error]).toEqual(["done", null]);
      },
      { timeout: 30_000, interval: 100 },
    );
    await maker.close();
    expect(failures).toEqual([]);
    expect(await listReleaseJobs(db)).toMatchObject([{ done: 30, total: 30, startedBy: actor.label }]);
    const text = await readFile(join(folder, "first", manifestName), "utf8");
    expect(manifestSchema.parse(JSON.parse(text))).toMatchObject({ votes: 30, licence: "CC0-1.0" });
    expect(await linesOf("first")).toEqual([["release.make", actor.label]]);
    await expect(maker.requireFree("first")).rejects.toMatchObject({
      ...{ code: "invalid_request", param: "release" },
    });
  });

  it("is one at a time, on all servers", async () => {
    const { db } = site.database;
    await startReleaseJob(db, actor, { release: "one" });
    await expect(startReleaseJob(db, actor, { release: "two" })).rejects.toMatchObject({
      code: "release_running",
    });
  });

  it("that is cancelled leaves nothing behind but who did it", async () => {
    const { db } = site.database;
    const job = await startReleaseJob(db, actor, { release: "unwanted" });
    await cancelReleaseJob(db, { kind: "cli", label: "ops" }, job.id);
    await run(job.id);
    expect(await listReleaseJobs(db)).toMatchObject([
      { state: "cancelled", cancelledBy: "ops", error: null },
    ]);
    expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]);
    expect(await linesOf("unwanted")).toEqual([["release.cancel", "ops"]]);
    await expect(cancelReleaseJob(db, actor, job.id)).rejects.toMatchObject({ code: "release_not_found" });
  });

  it("that is cancelled when all is written does not appear either", async () => {
    const { db } = site.database;
    const job = await startReleaseJob(db, actor, { release: "late" });
    // Holds it up between its votes and its texts.
    await site.connection.query("BEGIN");
    await site.connection.query("LOCK TABLE consents IN ACCESS EXCLUSIVE MODE");
    const running = run(job.id);
    await vi.waitFor(
      async () => {
        const { rows } = await site.connection.query(
          "SELECT FROM pg_locks WHERE NOT granted AND relation = 'consents'::regclass",
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 30_000 },
    );
    expect(await readdir(join(folder, "late.partial"))).toContain("votes.jsonl");
    await cancelReleaseJob(db, actor, job.id);
    await site.connection.query("COMMIT");
    await running;
    expect(await listReleaseJobs(db)).toMatchObject([{ state: "cancelled" }]);
    expect(await readdir(folder)).toEqual([]);
    expect(await linesOf("late")).toEqual([["release.cancel", actor.label]]);
  });

  it("says why it failed: its server stops, its name is taken, or it was never heard of again", async () => {
    const { db } = site.database;
    const stopped = await startReleaseJob(db, actor, { release: "stopped" });
    await run(stopped.id, AbortSignal.abort());
    expect(await listReleaseJobs(db)).toMatchObject([
      { state: "failed", error: "The server is shutting down." },
    ]);
    await db.releaseJob.deleteMany();

    await run((await startReleaseJob(db, actor, { release: "taken" })).id);
    await run((await startReleaseJob(db, actor, { release: "taken" })).id);
    expect((await listReleaseJobs(db))[0]?.error).toMatch(/exists/);
    expect(await linesOf("taken")).toEqual([["release.make", actor.label]]);
    await db.releaseJob.deleteMany();

    const lost = await startReleaseJob(db, actor, { release: "lost" });
    await db.$executeRaw`UPDATE release_jobs SET renewed_at = now() - interval '1 minute'`;
    expect(await listReleaseJobs(db)).toMatchObject([{ id: lost.id, state: "failed", error: null }]);
    // It keeps no other from being made.
    await startReleaseJob(db, actor, { release: "next" });
  });
});
