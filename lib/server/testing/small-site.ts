import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { createJoinToken, createKey, inviteUser } from "@/lib/accounts";
import { addModel, changeModel, changeSampling } from "@/lib/admin";
import type { Database } from "@/lib/db";
import { countVote, toVoteCategory } from "@/lib/leaderboard";
import { consentVersions, type SharedContent } from "@/lib/protocol";
import { excludeVotes, reverseExclusion } from "@/lib/trust";

/** For tests: a site that is in use, so that whatever destroys something is seen in one of its tables. */

const actor = { kind: "cli", label: "seed" } as const;
const prompt = "What is 17 * 23?";
const answer = { isTruncated: false, isStopped: false };

/** What `visitorId` has done and what operators have: at least one row of everything that is no counter. */
export async function seedSmallSite(db: Database, visitorId: string) {
  const heron = await addModel(db, actor, { name: "heron", displayName: "Heron" });
  await addModel(db, actor, { name: "stork", displayName: "Stork" });
  await changeModel(db, actor, heron.name, { priority: 1 });
  await changeSampling(db, actor, { floor: 0.2 });
  await db.visitor.create({ data: { id: visitorId } });
  const [modelAId = "", modelBId = ""] = (await db.model.findMany({ orderBy: { name: "asc" } })).map(
    ({ id }) => id,
  );
  const models = { modelAId, modelBId };
  const voted = await seedBattle(db, { visitorId, ...models, isVoted: true });
  const open = await seedBattle(db, { visitorId, ...models, isVoted: false });
  const reinstated = await seedBattle(db, { visitorId, ...models, isVoted: true });
  const chat = await seedChat(db, visitorId, modelAId);
  const shareToken = randomBytes(24).toString("base64url");
  await db.share.create({
    data: { id: uuidv7(), token: shareToken, visitorId, battleId: voted.battleId, content: sharedBattle },
  });
  const { key } = await createKey(db, { name: "thesis", ownerLabel: "Lab" }, actor);
  const { token } = await createJoinToken(db, { name: "box" }, actor);
  await inviteUser(db, actor, { role: "user" });
  const { actIds } = await excludeVotes(db, actor, { voteIds: [voted.voteId], note: "A note." });
  const taken = await excludeVotes(db, actor, { voteIds: [reinstated.voteId], note: "A mistake." });
  await reverseExclusion(db, actor, { actId: onlyOf(taken.actIds), note: "Taken back." });
  const workerId = await seedWorker(db, token.id);
  const releaseJobId = uuidv7();
  await db.releaseJob.create({
    data: {
      ...{ id: releaseJobId, release: "2026-01", options: {}, state: "done", endedAt: new Date() },
      ...{ startedBy: "root@arena.example", startedById: uuidv7() },
    },
  });
  await seedElsewhere(db, models);
  return {
    ...{ visitorId, workerId, releaseJobId, shareToken, actId: onlyOf(actIds) },
    ...{ battleId: voted.battleId, openBattleId: open.battleId, responseId: voted.responseId },
    ...{ voteId: voted.voteId, ...chat, attachmentId: voted.attachmentId },
    ...{ keyId: key.id, keyPrefix: key.prefix, joinTokenPrefix: token.prefix, model: heron.name },
  };
}

function onlyOf(actIds: readonly string[]): string {
  const [only] = actIds;
  if (only === undefined || actIds.length > 1) throw new Error(`${actIds.length} exclusions were made.`);
  return only;
}

const model = (name: string) => ({ name, displayName: name, organization: null, licence: null });
const sharedBattle = {
  ...{ kind: "battle", board: "blind", createdAt: "2026-01-01T00:00:00Z" },
  vote: { outcome: "a", createdAt: "2026-01-01T00:00:00Z" },
  models: { a: model("heron"), b: model("stork") },
  turns: [{ prompt, images: 1, a: { ...answer, text: "391" }, b: { ...answer, text: "392" } }],
} satisfies SharedContent;

type BattleSeed = { visitorId: string; modelAId: string; modelBId: string; isVoted: boolean };

async function seedBattle(db: Database, { visitorId, modelAId, modelBId, isVoted }: BattleSeed) {
  const [battleId, turnId, voteId, attachmentId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const ids = { a: uuidv7(), b: uuidv7() };
  const begun = new Date(Date.now() - 600_000);
  const ended = new Date(Date.now() - 500_000);
  await db.$transaction(async (tx) => {
    await tx.battle.create({
      data: {
        ...{ id: battleId, visitorId, idempotencyKey: uuidv7(), modelAId, modelBId },
        ...{ policyId: "1", propensity: 0.5, createdAt: begun },
      },
    });
    await tx.turn.create({
      data: { id: turnId, battleId, idempotencyKey: uuidv7(), ordinal: 0, prompt, createdAt: begun },
    });
    const bytes = new Uint8Array([1, 2, 3]);
    await tx.attachment.create({
      data: { id: attachmentId, visitorId, contentType: "image/png", width: 1, height: 1, size: 3, bytes },
    });
    await tx.turnImage.create({ data: { turnId, position: 0, attachmentId } });
    for (const side of ["a", "b"] as const)
      await tx.response.create({
        data: {
          ...{ id: ids[side], turnId, side, status: "finished", text: side === "a" ? "391" : "392" },
          ...{ finishReason: "stop", leaseUntil: ended, createdAt: begun, finishedAt: ended },
        },
      });
    if (!isVoted) return;
    const elo = { eloABefore: 1000, eloAAfter: 1016, eloBBefore: 1000, eloBAfter: 984 };
    await tx.vote.create({
      data: {
        ...{ id: voteId, battleId, visitorId, idempotencyKey: uuidv7(), outcome: "a", turnCount: 1 },
        ...{ createdAt: new Date(Date.now() - 400_000), ...elo },
      },
    });
    const vote = { voteId, board: "blind" as const, modelAId, modelBId, outcome: "a" as const };
    const facts = toVoteCategory({ ...vote, turns: [{ prompt, a: "391", b: "392" }] });
    await tx.voteCategory.create({ data: facts });
    await countVote(tx, { ...vote, visitorId, categories: facts.categories });
    const unplaced = { votes: 1, before: null, after: null };
    await tx.voteEffect.create({ data: { voteId, sides: { a: unplaced, b: unplaced } } });
    await tx.voteReasons.create({ data: { voteId, reasons: ["accuracy"] } });
    await tx.voteOrigin.create({ data: { voteId, network: new Uint8Array(16) } });
    const consent = { visitorId, isGiven: true, version: consentVersions.publication };
    await tx.consent.create({ data: { ...consent, kind: "publication", battleId } });
    const found = { subjectId: ids.a, reason: "hate" };
    await tx.moderationFlag.create({ data: { id: uuidv7(), subjectKind: "response", visitorId, ...found } });
    await tx.moderationResult.create({
      data: {
        ...{ id: uuidv7(), surface: "answer", subjectId: ids.a, moderator: "rules", version: "1" },
        ...{ outcome: "passed", durationMs: 1 },
      },
    });
  });
  return { battleId, voteId, attachmentId, responseId: ids.a };
}

async function seedChat(db: Database, visitorId: string, modelId: string) {
  const [conversationId, promptId, messageId, attachmentId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  await db.conversation.create({
    data: { id: conversationId, visitorId, idempotencyKey: uuidv7(), title: "Sums", modelId },
  });
  const bytes = new Uint8Array([4]);
  await db.attachment.create({
    data: { id: attachmentId, visitorId, contentType: "image/png", width: 1, height: 1, size: 1, bytes },
  });
  await db.message.create({
    data: { id: promptId, conversationId, ordinal: 0, role: "user", text: prompt },
  });
  await db.messageImage.create({ data: { messageId: promptId, position: 0, attachmentId } });
  await db.message.create({
    data: {
      ...{ id: messageId, conversationId, parentId: promptId, ordinal: 1, role: "assistant", modelId },
      ...{ text: "391", finishReason: "stop", finishedAt: new Date() },
      request: { systemPrompt: "", parameters: {} },
    },
  });
  await db.conversation.update({ where: { id: conversationId }, data: { leafId: messageId } });
  return { conversationId, messageId };
}

/** One that has left, so that nothing is sent to it. */
async function seedWorker(db: Database, joinTokenId: string): Promise<string> {
  const id = uuidv7();
  await db.worker.create({
    data: {
      ...{ id, instanceId: uuidv7(), url: "http://127.0.0.1:9", engine: "mock", version: "1", device: "CPU" },
      ...{ slots: 1, models: [], leftAt: new Date(), joinTokenId },
    },
  });
  return id;
}

/** What other parts of a site leave behind: an import, a solved challenge, a sign-in that is away. */
async function seedElsewhere(db: Database, models: { modelAId: string; modelBId: string }): Promise<void> {
  const sourceId = uuidv7();
  await db.voteSource.create({ data: { id: sourceId, name: "lmsys", voterKey: new Uint8Array(32) } });
  await db.externalVote.create({
    data: {
      ...{ id: uuidv7(), sourceId, externalId: "1", board: "imported:lmsys", voterKind: "human", ...models },
      outcome: "tie",
    },
  });
  const later = new Date(Date.now() + 3_600_000);
  await db.spentChallenge.create({ data: { id: "spent", expiresAt: later } });
  await db.authVerification.create({
    data: { id: uuidv7(), identifier: "state", value: "{}", expiresAt: later },
  });
}
