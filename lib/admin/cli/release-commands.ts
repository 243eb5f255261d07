import { z } from "zod";
import { cancelReleaseJob, listReleaseJobs } from "@/lib/admin";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";

const list: Command = {
  name: "releases list",
  usage: "",
  summary:
    "The latest releases that the console has had made, with how far each is. npm run votes -- export makes one here.",
  operands: [],
  options: {},
  async run({ db }) {
    const jobs = await listReleaseJobs(db);
    const rows = jobs.map((job) => [
      ...[job.id, job.release, job.state, `${job.done}/${job.total}`, job.startedBy, job.startedAt],
      ...[job.endedAt, job.error],
    ]);
    const header = ["job", "release", "state", "votes", "by", "begun", "ended", "error"];
    return { json: jobs, text: table(header, rows) };
  },
};

const cancel: Command = {
  name: "releases cancel",
  usage: "JOB",
  summary: "End the making of a release; what is written so far is removed.",
  operands: ["JOB"],
  options: {},
  async run({ db, actor, positionals }) {
    const id = parseInput(z.uuid(), positionals[0]);
    await cancelReleaseJob(db, actor, id);
    return { json: { id }, text: "It ends within a few seconds.\n" };
  },
};

export const releaseCommands: readonly Command[] = [list, cancel];
