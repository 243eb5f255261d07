import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { checkVotes, requireStored } from "../check-votes";
import { Rig, uniqueName } from "../rig";
import { NotHere, type Report, type Scenario } from "../scenario";
import { seconds, until } from "../until";
import { type Ballot, newBallot, Visitor } from "../visitor";

const run = promisify(execFile);
const sizeMib = 160;

/** The database lies on a small file system of its own, which is filled up. Needs the right to mount one. */
export const diskFull: Scenario = {
  name: "disk-full",
  title: "The database's disk is full",
  isInShort: false,
  async run(_rig, report) {
    const place = await mkdtemp(join(tmpdir(), "arena-chaos-disk-"));
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", place]);
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      throw new NotHere(`a small file system cannot be mounted: ${String(error).split("\n")[0]}`);
    }
    try {
      await mkdir(join(place, "data"), { mode: 0o755 });
      const rig = await Rig.start(join(place, "data/postgres"));
      try {
        await fill(rig, place, report);
      } finally {
        await rig.end();
      }
    } finally {
      await run("umount", ["--lazy", place]);
      await rm(place, { recursive: true, force: true });
    }
  },
};

async function fill(rig: Rig, place: string, report: Report): Promise<void> {
  const server = await rig.startServer();
  for (const word of ["alpha", "beta"]) {
    await rig.startMock(server, { name: uniqueName(word), scenario: "instant", slots: 32 });
  }
  const acknowledged: Ballot[] = [];
  const open = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const visitor = new Visitor();
      return { visitor, ballot: newBallot(await visitor.ready(server.url), index) };
    }),
  );
  let hasGone = false;
  void rig.postgresExited.then(() => {
    hasGone = true;
  });
  const ballast = join(place, "ballast");
  const { bavail, bsize } = await statfs(place);
  await writeFile(ballast, Buffer.alloc(bavail * bsize));
  const statuses: number[] = [];
  for (const { visitor, ballot } of open.slice(0, 10)) {
    const { status } = await visitor.vote(server.url, ballot);
    statuses.push(status);
    if (status === 200) acknowledged.push(ballot);
  }
  // Battles hold text, which needs new pages sooner than votes do.
  let refused = 0;
  for (let index = 0; index < 400 && refused < 5; index += 1) {
    const id = await new Visitor().begin(server.url, `${index} ${"many words ".repeat(2_000)}`);
    if (id === null) refused += 1;
  }
  report.tried(
    `full: 10 votes answered with ${[...new Set(statuses)].join(", ")}; ${refused} battles refused; PostgreSQL ${hasGone ? "ended" : "stays"}`,
  );
  report.must(refused > 0, "the disk was never full");
  report.must(
    statuses.every((status) => status === 200 || status === 503),
    "a full disk was not told as what it is: a database that takes nothing just now",
  );
  report.must(server.isRunning(), "the server ended");

  // What an operator does: make room, and start the database again where it has gone.
  await rm(ballast);
  await delay(500);
  if (hasGone) await rig.restartPostgres({ hasGone: true });
  const reached = await until(async () => (await rig.query("SELECT 1")).length === 1, 20_000);
  report.must(reached !== null, "the database does not come back although there is room");
  await requireStored(rig, report, acknowledged);
  const voted = await until(async () => {
    for (const { visitor, ballot } of open) {
      if ((await visitor.vote(server.url, ballot)).status !== 200) return false;
    }
    return true;
  }, 30_000);
  report.tried(`room again: all 20 votes are in after ${seconds(voted)}`);
  report.must(voted !== null, "votes cannot be cast although there is room");
  await checkVotes(
    rig,
    report,
    open.map(({ ballot }) => ballot),
  );
}
