import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import { mergeVisitor } from "@/lib/accounts/test-support";
import { countVote } from "@/lib/leaderboard";
import { seededRandom } from "@/lib/rating";
import { defaultSettings } from "@/lib/settings";
import { excludeVotes, listExclusions, reverseExclusion } from "..";
import { honestOutcome, makeWorld } from "../redteam/world";
import { createQuarantine } from "./quarantine-subjects";
import { sweepQueue } from "./sweep-queue";
import { integrityRig, logger } from "./test-support";

const rig = integrityRig();
const { keeper, expectCountsToAgree } = rig;
const actor = { kind: "cli", label: "tests" } as const;

describe("voters whose votes are no opinions", () => {
  const world = makeWorld({ models: 6, spread: 300 });
  const idOf = (index: number) => `01a00000-0000-7000-8000-${String(index).padStart(12, "0")}`;
  const target = 3;

  /** Writes votes as the site does, without the battles' texts. */
  async function cast(
    visitorId: string,
    choose: (a: number, b: number) => "a" | "b" | "tie" | "both_bad",
    votes: number,
    seed: number,
  ) {
    const { db } = rig;
    const random = seededRandom(seed);
    for (let turn = 0; turn < votes; turn++) {
      const a = Math.floor(random() * 6);
      const b = (a + 1 + Math.floor(random() * 5)) % 6;
      const [modelAId, modelBId] = [idOf(a), idOf(b)];
      const [battleId, voteId] = [uuidv7(), uuidv7()];
      const outcome = choose(a, b);
      await db.$transaction(async (tx) => {
        await tx.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} });
        const key = { visitorId, idempotencyKey: randomUUID() };
        await tx.battle.create({
          data: { id: battleId, ...key, modelAId, modelBId, policyId: "uniform-1", propensity: 0.1 },
        });
        const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
        await tx.vote.create({ data: { id: voteId, battleId, ...key, outcome, turnCount: 1, ...elo } });
        await tx.voteCategory.create({
          data: {
            ...{ voteId, board: "blind", rulesVersion: 1, tokensA: 1, tokensB: 1, headersA: 0, headersB: 0 },
            ...{ boldA: 0, boldB: 0, listsA: 0, listsB: 0 },
          },
        });
        await countVote(tx, {
          voteId,
          board: "blind",
          categories: [],
          modelAId,
          modelBId,
          visitorId,
          outcome,
        });
      });
    }
  }

  it("are found while honest ones are left alone, stay out until somebody takes it back, and then start anew", async () => {
    const { db } = rig;
    await db.model.createMany({
      data: world.modelIds.map((name, index) => ({ id: idOf(index), name, displayName: name })),
    });
    const crowd = seededRandom(5);
    const mean = { skill: 1, ties: 1, badShare: 0.4, left: 0 };
    const honest = Array.from({ length: 12 }, () => uuidv7());
    for (const [index, visitorId] of honest.entries())
      await cast(visitorId, (a, b) => honestOutcome(world, a, b, mean, crowd), 40, index);
    const judge = keeper({ samePromptOverall: 1_000_000 });
    await judge.runNow();

    const farm = Array.from({ length: 3 }, () => uuidv7());
    for (const [index, visitorId] of farm.entries())
      await cast(
        visitorId,
        (a, b) => (a === target ? "a" : b === target ? "b" : honestOutcome(world, a, b, mean, crowd)),
        60,
        100 + index,
      );
    const contrarian = uuidv7();
    await cast(contrarian, (a, b) => (a < b ? "b" : "a"), 40, 200);
    await judge.runNow();

    const lines = await listExclusions(db, { reason: "anomalous_voter", state: "active" });
    const caught = lines.map(({ firstVotes }) => firstVotes[0]?.visitorId);
    expect([...new Set(caught)].sort()).toEqual([...farm, contrarian].sort());
    const ofFarm = lines.find(({ firstVotes }) => firstVotes[0]?.visitorId === farm[0]);
    expect(ofFarm?.evidence).toMatchObject({
      ...{ kind: expect.stringMatching(/^(anomaly|campaign)$/), logE: expect.any(Number) },
      ...{ subject: "visitor", subjectId: farm[0] },
      leading: { kind: "favours", modelId: idOf(target) },
    });
    // It takes the target back down.
    const move = ofFarm?.effect.find(({ modelId }) => modelId === idOf(target));
    expect((move?.after ?? 0) - (move?.before ?? 0)).toBeLessThan(-1);
    await expectCountsToAgree();

    // What they cast later does not count either.
    await cast(contrarian, (a, b) => (a < b ? "b" : "a"), 3, 300);
    await judge.runNow();
    const ofContrarian = await listExclusions(db, { visitorId: contrarian });
    expect(ofContrarian.map(({ votes, evidence }) => [votes, evidence.kind])).toEqual([
      [3, "quarantined"],
      [40, "anomaly"],
    ]);

    for (const line of await listExclusions(db, { visitorId: contrarian }))
      await reverseExclusion(db, actor, { actId: line.actId, note: "a person after all" });
    await judge.runNow();
    expect(await listExclusions(db, { visitorId: contrarian, state: "active" })).toEqual([]);
    await expectCountsToAgree();
  });

  it("keep what is known of them when they sign in, and their votes from before go with them", async () => {
    const { db } = rig;
    const [cookie, userId] = [uuidv7(), uuidv7()];
    await cast(cookie, (a, b) => (a < b ? "b" : "a"), 40, 600);
    await db.user.create({ data: { id: userId, email: "farm@example.org", name: "Farm" } });
    const judge = keeper({ samePromptOverall: 1_000_000 });
    await judge.runNow();
    expect(await listExclusions(db, { visitorId: cookie, state: "active" })).toMatchObject([{ votes: 40 }]);

    await mergeVisitor(db, cookie, userId);
    expect(await listExclusions(db, { visitorId: userId, state: "active" })).toMatchObject([{ votes: 40 }]);
    await cast(userId, (a, b) => (a < b ? "b" : "a"), 3, 601);
    await judge.runNow();
    expect((await listExclusions(db, { visitorId: userId })).map(({ votes }) => votes)).toEqual([3, 40]);

    // Half of the evidence on a cookie, half on the account: it is not begun anew by signing in.
    const [half, whole] = [uuidv7(), uuidv7()];
    await cast(half, (a, b) => (a < b ? "b" : "a"), 12, 602);
    await db.user.create({ data: { id: whole, email: "half@example.org", name: "Half" } });
    await judge.runNow();
    const subject = "visitor" as const;
    const before = await db.voterEvidence.findUniqueOrThrow({
      where: { subject_subjectId: { subject, subjectId: half } },
    });
    await mergeVisitor(db, half, whole);
    expect(await db.voterEvidence.findMany({ where: { subjectId: { in: [half, whole] } } })).toMatchObject([
      { subjectId: whole, votes: before.votes, logE: before.logE },
    ]);
    await expectCountsToAgree();

    // An account's votes are those from before its sign-ins too, however many acts they take.
    const done = await excludeVotes(db, actor, { visitorId: userId, note: "all of them" }, 20);
    expect(done).toMatchObject({ votes: 43, moved: 0 });
    expect(done.actIds).toHaveLength(3);
    await expectCountsToAgree();
  });

  it("are put in quarantine with all of their votes, however many acts that takes, also where it was broken off", async () => {
    const { db } = rig;
    const visitorId = uuidv7();
    await cast(visitorId, (a, b) => (a < b ? "b" : "a"), 45, 700);
    // Judged, and not yet compared.
    const queue = { db, integrity: () => defaultSettings().integrity, promptKey: Buffer.alloc(32), logger };
    await sweepQueue(queue, { settleMs: 0, mayGoOn: async () => true });
    const quarantine = createQuarantine(db, 20);
    let asked = 0;
    const untilFirstAct = async () => {
      const [line] = await listExclusions(db, { visitorId, reason: "anomalous_voter" });
      asked += 1;
      return line === undefined;
    };
    expect((await quarantine.run(defaultSettings().integrity, untilFirstAct)).isWhole).toBe(false);
    expect(asked).toBeGreaterThan(0);
    const acts = async () =>
      (await listExclusions(db, { visitorId, reason: "anomalous_voter" })).map(({ votes }) => votes);
    expect(await acts()).toEqual([20]);
    expect((await createQuarantine(db, 20).run(defaultSettings().integrity, async () => true)).isWhole).toBe(
      true,
    );
    expect(await acts()).toEqual([5, 20, 20]);
    await expectCountsToAgree();
    // It reads what has changed only, and finds nothing new.
    expect((await quarantine.run(defaultSettings().integrity, async () => true)).subjects).toEqual([]);
  });

  it("are judged by one server at a time, each vote once", async () => {
    await cast(uuidv7(), () => "tie", 30, 400);
    const judged = await Promise.all([keeper(), keeper(), keeper()].map((one) => one.runNow()));
    expect(judged.reduce((sum, votes) => sum + votes, 0)).toBe(30);
    expect(await rig.db.voteCheckQueue.count()).toBe(0);
  });
});
