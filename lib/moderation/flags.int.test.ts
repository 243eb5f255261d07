import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import { listFlagged, resolveFlags } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { AppError } from "@/lib/errors";
import { flagAnswer } from "./flag-answer";
import { moderationRig, moderator } from "./testing/moderation-rig";

const rig = moderationRig();
const { endpoint, chain } = rig;

/** A voted battle of one visitor with an answer on either side. */
async function votedBattle() {
  const { db } = rig;
  const visitorId = uuidv7();
  const [modelAId, modelBId] = [uuidv7(), uuidv7()];
  const [battleId, turnId, a, b, voteId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const answer = { status: "finished", text: "An answer.", leaseUntil: new Date() } as const;
  await db.visitor.create({ data: { id: visitorId } });
  for (const id of [modelAId, modelBId]) {
    await db.model.create({ data: { id, name: id, displayName: `Model ${id.slice(-4)}` } });
  }
  await db.battle.create({
    data: {
      ...{ id: battleId, visitorId, idempotencyKey: uuidv7(), modelAId, modelBId },
      ...{ policyId: "uniform-1", propensity: 0.5 },
      turns: {
        create: {
          ...{ id: turnId, idempotencyKey: uuidv7(), ordinal: 0, prompt: "A prompt." },
          responses: {
            create: [
              { id: a, side: "a", ...answer },
              { id: b, side: "b", ...answer },
            ],
          },
        },
      },
    },
  });
  const vote = async () => {
    await db.pairCount.create({
      data: { board: "blind", category: "overall", lowId: modelAId, highId: modelBId, winLow: 1 },
    });
    await db.boardTotal.upsert({
      where: { board: "blind" },
      create: { board: "blind", votes: 1, voters: 1 },
      update: { votes: { increment: 1 }, voters: { increment: 1 } },
    });
    await db.vote.create({
      data: {
        ...{ id: voteId, battleId, visitorId, idempotencyKey: uuidv7(), outcome: "a", turnCount: 1 },
        ...{ eloABefore: 1000, eloAAfter: 1002, eloBBefore: 1000, eloBAfter: 998 },
      },
    });
  };
  return { visitorId, battleId, a, b, voteId, vote };
}

const nothingIsPublished = {
  publishedBattle: () => Promise.reject(new AppError("battle_not_found")),
};

describe("flags and the queue", () => {
  it("takes anybody's flag of a battle whose text is published, and of no other", async () => {
    const { db } = rig;
    const battle = await votedBattle();
    await battle.vote();
    const { battleId } = battle;
    const published = {
      publishedBattle: async (id: string) => {
        if (id !== battleId) throw new AppError("battle_not_found");
      },
    };
    const request = {
      subject: { kind: "published" as const, battleId, side: "a" as const },
      ...{ reason: "hate" as const, comment: "" },
    };
    await expect(
      flagAnswer({ db, publication: nothingIsPublished }, uuidv7(), request),
    ).rejects.toMatchObject({ code: "battle_not_found" });
    await flagAnswer({ db, publication: published }, uuidv7(), request);
    await flagAnswer({ db, publication: published }, uuidv7(), request);
    expect((await listFlagged(db)).items).toMatchObject([
      { subjectId: battle.a, flags: [{ reason: "hate" }, { reason: "hate" }] },
    ]);
  });

  it("takes a reader's flag after the vote only, and one from each reader", async () => {
    const { db } = rig;
    const battle = await votedBattle();
    const flag = (visitorId: string, comment = "") =>
      flagAnswer({ db, publication: nothingIsPublished }, visitorId, {
        subject: { kind: "battle", battleId: battle.battleId, side: "b" },
        ...{ reason: "harmful", comment },
      });
    await expect(flag(battle.visitorId)).rejects.toMatchObject({ code: "vote_not_open" });
    await battle.vote();
    await expect(flag(uuidv7())).rejects.toMatchObject({ code: "battle_not_found" });
    const first = await flag(battle.visitorId);
    expect(await flag(battle.visitorId, "more")).toEqual(first);
    const { items, open } = await listFlagged(db);
    expect(open).toBe(1);
    expect(items).toMatchObject([
      {
        ...{ subjectId: battle.b, kind: "response", prompt: "A prompt.", text: "An answer." },
        flags: [{ reason: "harmful", comment: "more", isVisitor: true, score: null }],
        vote: { id: battle.voteId, isExcluded: false },
      },
    ]);
  });

  it("hides, excludes and stops with one decision, and says so in the log", async () => {
    const { db } = rig;
    const battle = await votedBattle();
    await battle.vote();
    const moderation = chain({});
    moderation.review("response", battle.a, "I will kill you.");
    moderation.review("response", battle.b, "A harmless answer.");
    await moderation.settled();
    expect((await listFlagged(db)).items).toMatchObject([
      { subjectId: battle.a, flags: [{ reason: "threat", isVisitor: false, score: 0.9 }] },
    ]);
    await resolveFlags(db, moderator, battle.a, {
      ...{ actions: ["hide", "exclude_vote", "disable_visitor"], note: "A threat." },
    });
    expect((await listFlagged(db)).items).toEqual([]);
    expect((await listFlagged(db, { status: "resolved" })).items).toMatchObject([
      {
        ...{ isHidden: true, isVisitorDisabled: true, resolvedBy: moderator.label },
        vote: { isExcluded: true },
      },
    ]);
    expect((await listAudit(db)).map(({ action }) => action).sort()).toEqual([
      "moderation.resolve",
      "votes.exclude",
    ]);
    await expect(
      chain().admit({ surface: "battle_prompt", visitorId: battle.visitorId, text: "Hello" }),
    ).rejects.toMatchObject({ code: "visitor_stopped" });
    await expect(resolveFlags(db, moderator, battle.a, { actions: [], note: "again" })).rejects.toMatchObject(
      { code: "not_found" },
    );
  });

  it("puts an answer that could not be checked into the queue of a closed site", async () => {
    const { url } = await endpoint(() => ({ status: 503, body: {} }));
    const battle = await votedBattle();
    for (const onFailure of ["open", "closed"] as const) {
      const moderation = chain({ url, moderation: { onFailure } });
      moderation.review("response", battle.a, "An answer.");
      await moderation.settled();
      const { items } = await listFlagged(rig.db);
      expect(items.map(({ flags }) => flags[0]?.reason)).toEqual(onFailure === "open" ? [] : ["unchecked"]);
    }
  });
});
