import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Prisma } from "@/lib/db";
import { adminExclusionsSchema } from "@/lib/protocol";
import { createVoteSite, type VoteSite } from "@/lib/votes/test-support";
import { runAdmin } from "../cli/run-admin";
import { listVotes } from "./list-votes";
import { viewExclusions } from "./view-exclusions";

let site: VoteSite;
let voteIds: string[];
const acts = { anomaly: uuidv7(), leak: uuidv7() };
const visitorId = uuidv7();

beforeAll(async () => {
  site = await createVoteSite();
  await site.castVotes(24);
  const { db } = site.database;
  voteIds = (await db.vote.findMany({ orderBy: { id: "asc" } })).map(({ id }) => id);
  const model = await db.model.findFirstOrThrow({ where: { name: "site-x" } });
  const act = (id: string, reason: string, evidence: Prisma.InputJsonObject, votes: number) =>
    db.exclusionAct.create({
      data: {
        ...{ id, reason, evidence, votes, effect: {}, ruleVersion: 1 },
        ...{ actorKind: "system", actorLabel: "integrity rules" },
      },
    });
  await act(
    acts.anomaly,
    "anomalous_voter",
    {
      ...{ subject: "visitor", subjectId: visitorId, test: "e_bh", logE: 13.9, alpha: 0.05, among: 120 },
      leading: { kind: "favours", modelId: model.id },
    },
    22,
  );
  await db.voteExclusion.createMany({
    data: voteIds.slice(0, 22).map((voteId) => ({ actId: acts.anomaly, voteId, reason: "anomalous_voter" })),
  });
  await act(acts.leak, "identity_leak", {}, 1);
  const evidence = { turn: 0, side: "b", kind: "self_identification", match: "I am Heron", at: 0 };
  await db.voteExclusion.create({
    data: { actId: acts.leak, voteId: voteIds[22] ?? "", reason: "identity_leak", evidence },
  });
});
afterAll(() => site.close());

async function admin(...args: string[]) {
  let printed = "";
  const code = await runAdmin(args, {
    findDatabase: async () => site.database.url,
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      printed += text;
    },
  });
  return { code, printed };
}

const anomaly = {
  ...{ kind: "anomaly", subject: "visitor", subjectId: visitorId, logE: 13.9, alpha: 0.05, among: 120 },
  leading: { kind: "favours", model: "site-x" },
};
const leak = { kind: "identity_leak", how: "self_identification", side: "b", match: "I am Heron" };

describe("an operator who is to take an exclusion back", () => {
  it("sees what it rests on: the e-value and whose votes, or the words, and the votes", async () => {
    const { exclusions } = await viewExclusions(site.database.db);
    expect(exclusions).toMatchObject([
      { actId: acts.leak, evidence: { kind: "none" }, firstVotes: [{ voteId: voteIds[22], evidence: leak }] },
      { actId: acts.anomaly, evidence: anomaly, votes: 22, ruleVersion: 1 },
    ]);
    const [vote] = exclusions[1]?.firstVotes ?? [];
    expect(exclusions[1]?.firstVotes).toHaveLength(20);
    expect(vote).toMatchObject({ voteId: voteIds[0], modelA: "site-x", modelB: "site-y", outcome: "a" });
    // As the console gets it.
    expect(adminExclusionsSchema.parse(JSON.parse(JSON.stringify({ exclusions, next: null })))).toEqual({
      exclusions,
      next: null,
    });
  });

  it("sees all its votes, not only the first", async () => {
    const { votes } = await listVotes(site.database.db, { act: acts.anomaly });
    expect(votes.map(({ id }) => id).sort()).toEqual(voteIds.slice(0, 22).sort());
    expect(votes.every(({ isExcluded }) => isExcluded)).toBe(true);
  });

  it("reads the same on the command line, as JSON and in words", async () => {
    const listed = await admin("exclusions", "list", "--json");
    expect(JSON.parse(listed.printed)).toMatchObject([
      { firstVotes: [{ voteId: voteIds[22], evidence: leak }] },
      { evidence: anomaly, firstVotes: { length: 20 } },
    ]);
    expect((await admin("exclusions", "list")).printed).toMatch(
      /answer B, turn 1, says who it is: "I am Heron"/,
    );
    const shown = await admin("exclusions", "show", acts.anomaly);
    expect(shown.code).toBe(0);
    expect(shown.printed).toContain(
      `The votes of the visitor ${visitorId} are 10^6.0 times likelier from somebody who does not judge the answers than from any honest voter, most of all like letting one model always win (site-x).`,
    );
    expect(shown.printed).toContain("The first 20 of 22 votes:");
    expect(shown.printed).toContain(voteIds[0]);
    expect(await admin("exclusions", "show", uuidv7())).toMatchObject({ code: 1 });
    expect(await admin("exclusions", "show", "x")).toMatchObject({ code: 2 });
    const log = await admin("vote-log", "list", "--act", acts.leak, "--json");
    expect(JSON.parse(log.printed)).toMatchObject([{ id: voteIds[22] }]);
  });
});
