import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import { disableVisitor, listRefused } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { forgetRefused } from "./forget-refused";
import { moderationRig, moderator, prompt, scores } from "./testing/moderation-rig";

const rig = moderationRig();
const { endpoint, chain, results } = rig;

describe("what was refused", () => {
  it("has a row for moderators, without what was sent, by which whoever tries again and again is found and stopped", async () => {
    const { db } = rig;
    const { url } = await endpoint((input) =>
      scores({ "hate/threatening": String(input).includes("foul") ? 0.9 : 0, illicit: 0 }),
    );
    const moderation = chain({ url });
    const [often, once] = [uuidv7(), uuidv7()];
    const send = (visitorId: string, text: string, surface: "battle_prompt" | "chat_prompt") =>
      moderation.admit({ surface, visitorId, text });
    await expect(send(once, "I want to kill myself", "battle_prompt")).rejects.toThrow();
    await moderation.settled();
    for (const text of ["foul one", "foul two"])
      await expect(send(often, text, "chat_prompt")).rejects.toMatchObject({ code: "content_refused" });
    await send(often, "Harmless", "chat_prompt");
    await moderation.settled();

    const { visitors, next } = await listRefused(db);
    expect(next).toBeNull();
    const refusal = { isImage: false, category: "threat", surface: "chat_prompt", count: 2, maxScore: 0.9 };
    expect(visitors).toMatchObject([
      { visitorId: often, isDisabled: false, refusals: [refusal] },
      { visitorId: once, refusals: [{ category: "self_harm", surface: "battle_prompt", count: 1 }] },
    ]);
    const stored = await db.$queryRaw<{ all: string }[]>`
      SELECT json_agg(results)::text AS all FROM moderation_results AS results`;
    expect(stored[0]?.all).not.toMatch(/foul one|kill myself|Harmless/);
    expect(await db.moderationResult.count({ where: { visitorId: { not: null }, outcome: "passed" } })).toBe(
      0,
    );

    await expect(disableVisitor(db, moderator, uuidv7(), { note: "Nobody." })).rejects.toMatchObject({
      code: "not_found",
    });
    await disableVisitor(db, moderator, often, { note: "Tries again and again." });
    await expect(send(often, "Harmless", "chat_prompt")).rejects.toMatchObject({ code: "visitor_stopped" });
    expect((await listRefused(db)).visitors[0]).toMatchObject({ visitorId: often, isDisabled: true });
    await expect(disableVisitor(db, moderator, often, { note: "Again." })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await listAudit(db)).toMatchObject([
      { action: "moderation.disable_visitor", targetId: often, details: { note: "Tries again and again." } },
    ]);
  });

  it("is of nobody after a month", async () => {
    const { db } = rig;
    const moderation = chain();
    await expect(moderation.admit(prompt("I want to kill myself"))).rejects.toThrow();
    await moderation.settled();
    await forgetRefused(db);
    expect((await listRefused(db)).visitors).toHaveLength(1);
    await db.$executeRaw`UPDATE moderation_results SET at = at - interval '31 days'`;
    await forgetRefused(db);
    expect((await listRefused(db)).visitors).toEqual([]);
    expect(await results()).toMatchObject([{ outcome: "refused", category: "self_harm" }]);
  });
});
