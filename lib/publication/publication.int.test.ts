import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { unmoderated } from "@/lib/moderation/test-support";
import {
  foundDetailsSchema,
  historySchema,
  publicationViewSchema,
  shareListSchema,
  shareViewSchema,
} from "@/lib/protocol";
import { defaultSettings, type SiteSettings } from "@/lib/settings";
import { listAllShares, type PublicationDeps, publicationService, unpublishAsOperator } from ".";
import { visit as visitAs } from "./test-support";

let database: TestDatabase;
let settings: SiteSettings = defaultSettings();

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const deps = (): PublicationDeps => ({
  ...{ db: database.db, settings: { current: () => settings } },
  moderation: unmoderated,
});
const pages = () => publicationService(deps());
const visit = (answer?: string) => visitAs(deps(), answer);

describe("what a visitor was told", () => {
  it("is kept once for each wording, with its time", async () => {
    const me = await visit();
    await me.ask("One");
    await me.ask("Two");
    const rows = await database.db.consent.findMany({ where: { visitorId: me.visitorId } });
    expect(rows).toMatchObject([{ kind: "privacy", isGiven: true, version: 3, battleId: null }]);
  });

  it("cannot be changed afterwards, but may move to another visitor", async () => {
    const me = await visit();
    await me.ask("One");
    const other = await visit();
    await other.ask("Two");
    const { db } = database;
    const where = { visitorId: me.visitorId, kind: "privacy" as const };
    await expect(db.consent.updateMany({ where, data: { isGiven: false } })).rejects.toThrow(/append-only/);
    await expect(db.consent.deleteMany({ where })).rejects.toThrow(/append-only/);
    await db.$executeRaw`UPDATE consents SET version = version, visitor_id = ${me.visitorId}::uuid
      WHERE visitor_id = ${me.visitorId}::uuid`;
  });
});

describe("the consent to publish a battle's text", () => {
  it("is no until it is given after the vote, and every change is a row", async () => {
    const me = await visit();
    const open = await me.ask("Not yet", null);
    expect((await me.call("POST", `/api/battles/${open}/publication`, { isGiven: true })).body).toMatchObject(
      {
        error: { code: "vote_not_open" },
      },
    );
    const id = await me.ask("Why is the sky blue?");
    const read = async () =>
      publicationViewSchema.parse((await me.call("GET", `/api/battles/${id}/publication`)).body);
    expect(await read()).toEqual({ isGiven: false, hidesFinds: false, changedAt: null, finds: [] });
    await expect(pages().publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });

    for (const isGiven of [true, true, false, true]) {
      const { body } = await me.call("POST", `/api/battles/${id}/publication`, { isGiven });
      expect(publicationViewSchema.parse(body).isGiven).toBe(isGiven);
    }
    const rows = await database.db.consent.findMany({ where: { battleId: id }, orderBy: { id: "asc" } });
    expect(rows.map(({ isGiven, version }) => [isGiven, version])).toEqual([
      [true, 1],
      [false, 1],
      [true, 1],
    ]);
    expect((await pages().publishedBattle(id)).content.turns[0]?.prompt).toBe("Why is the sky blue?");
    expect((await pages().samples("heron")).map(({ battleId }) => battleId)).toEqual([id]);
    settings = { ...settings, sharing: { ...settings.sharing, showsSamples: false } };
    expect(await pages().samples("heron")).toEqual([]);
    settings = defaultSettings();

    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false });
    await expect(pages().publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });
    expect(await pages().samples("heron")).toEqual([]);
  });

  it("publishes nothing in which the screen finds something, unless such parts are to be hidden", async () => {
    const me = await visit("Write to ann@corp.io then.");
    const id = await me.ask("Mail bob@corp.io or 13812345678");
    const { body } = await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    expect(publicationViewSchema.parse(body).finds).toEqual([
      { kind: "email", count: 3 },
      { kind: "phone", count: 1 },
    ]);
    await expect(pages().publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true, hidesFinds: true });
    const page = await pages().publishedBattle(id);
    expect(page.hiddenFinds).toBe(4);
    expect(page.content.turns[0]).toMatchObject({
      prompt: "Mail [email] or [phone]",
      a: { text: "Write to [email] then." },
    });
  });

  it("is for the owner alone", async () => {
    const me = await visit();
    const id = await me.ask("Mine");
    const other = await visit();
    expect((await other.call("GET", `/api/battles/${id}/publication`)).status).toBe(404);
    expect((await other.call("POST", `/api/battles/${id}/publication`, { isGiven: true })).status).toBe(404);
    expect(await database.db.consent.count({ where: { battleId: id } })).toBe(0);
  });
});

describe("the history", () => {
  it("finds what is published, and says how", async () => {
    const me = await visit();
    const [shared, given, withdrawn] = [await me.ask("One"), await me.ask("Two"), await me.ask("Three")];
    await me.ask("Four");
    const { token } = (await me.call("POST", "/api/shares", { battleId: shared })).body;
    await me.call("POST", `/api/battles/${given}/publication`, { isGiven: true });
    await me.call("POST", `/api/battles/${withdrawn}/publication`, { isGiven: true });
    await me.call("POST", `/api/battles/${withdrawn}/publication`, { isGiven: false });
    const published = async () =>
      historySchema.parse((await me.call("GET", "/api/history?filter=published")).body).entries;
    expect(await published()).toMatchObject([
      { id: given, isPublished: true, isShared: false },
      { id: shared, isPublished: false, isShared: true },
    ]);
    await me.call("DELETE", `/api/shares/${token}`);
    expect((await published()).map(({ id }) => id)).toEqual([given]);
  });
});

describe("a shared page", () => {
  it("shows the vote, the names and both answers, stays as it was, and is gone when it is taken back", async () => {
    const me = await visit();
    const id = await me.ask("Share me", "tie");
    const { status, body } = await me.call("POST", "/api/shares", { battleId: id });
    expect(status).toBe(201);
    const { token } = shareViewSchema.parse(body);
    expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const page = await pages().sharedPage(token);
    expect(page).toMatchObject({
      isIndexed: false,
      hiddenFinds: 0,
      content: { vote: { outcome: "tie" }, turns: [{ prompt: "Share me", a: { text: "An answer." } }] },
    });
    // Renamed since: the page says what it said.
    await database.db.model.updateMany({ data: { displayName: "Renamed" } });
    expect(await pages().sharedPage(token)).toEqual(page);

    // Published again: the same address.
    const again = await Promise.all([1, 2, 3].map(() => me.call("POST", "/api/shares", { battleId: id })));
    expect(new Set(again.map((each) => each.body.token))).toEqual(new Set([token]));
    const list = shareListSchema.parse((await me.call("GET", `/api/shares?battle=${id}`)).body);
    expect(list.shares).toMatchObject([{ token, kind: "battle", title: "Share me" }]);

    const other = await visit();
    expect((await other.call("DELETE", `/api/shares/${token}`)).status).toBe(404);
    for (const path of ["a%00b", "x", "%F0%9F%8C%BF"]) {
      expect((await me.call("DELETE", `/api/shares/${path}`)).status, path).toBe(404);
    }
    expect((await other.call("GET", "/api/shares")).body).toEqual({ shares: [] });
    expect((await me.call("DELETE", `/api/shares/${token}`)).status).toBe(200);
    await expect(pages().sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    await expect(
      pages().picture(token, { site: "S", fallbackTitle: "F", caption: "C", winner: "W" }),
    ).rejects.toMatchObject({ code: "share_not_found" });
    expect(await database.db.share.findFirst({ where: { token } })).toMatchObject({
      content: null,
      revokedBy: "visitor",
    });
    expect((await me.call("DELETE", `/api/shares/${token}`)).status).toBe(200);
    const anew = shareViewSchema.parse((await me.call("POST", "/api/shares", { battleId: id })).body);
    expect(anew.token).not.toBe(token);
  });

  it("is not made before the vote, of another's battle, or while the site publishes nothing", async () => {
    const me = await visit();
    const open = await me.ask("Open", null);
    const codeOf = async (who: typeof me, battleId: string) =>
      (await who.call("POST", "/api/shares", { battleId })).body.error?.code;
    expect(await codeOf(me, open)).toBe("vote_not_open");
    const voted = await me.ask("Voted");
    expect(await codeOf(await visit(), voted)).toBe("battle_not_found");
    settings = { ...settings, sharing: { ...settings.sharing, isOpen: false } };
    expect(await codeOf(me, voted)).toBe("publication_refused");
    settings = defaultSettings();
    expect((await me.call("POST", "/api/shares", {})).status).toBe(400);
    expect((await me.call("POST", "/api/shares", { battleId: voted, conversationId: voted })).status).toBe(
      400,
    );
    expect(await database.db.share.count({ where: { visitorId: me.visitorId } })).toBe(0);
  });

  it("asks about personal data, and keeps only finds that were looked at", async () => {
    const me = await visit("Ring 13812345678.");
    const id = await me.ask("I am bob@corp.io");
    const first = await me.call("POST", "/api/shares", { battleId: id });
    expect(first.body.error.code).toBe("personal_data_found");
    const { finds, total, digest } = foundDetailsSchema.parse(first.body.error.details);
    expect(total).toBe(3);
    expect(finds[0]).toEqual({
      place: { part: "prompt", turn: 1 },
      kind: "email",
      before: "I am ",
      found: "bob@corp.io",
      after: "",
    });
    const wrong = await me.call("POST", "/api/shares", { battleId: id, finds: { do: "keep", digest: "x" } });
    expect(wrong.body.error.code).toBe("personal_data_found");
    const hidden = await me.call("POST", "/api/shares", { battleId: id, finds: { do: "hide" } });
    const { token, hiddenFinds } = shareViewSchema.parse(hidden.body);
    expect(hiddenFinds).toBe(3);
    expect(JSON.stringify(await pages().sharedPage(token))).not.toMatch(/bob@|1381234/);

    await me.call("DELETE", `/api/shares/${token}`);
    const kept = await me.call("POST", "/api/shares", { battleId: id, finds: { do: "keep", digest } });
    expect(JSON.stringify(await pages().sharedPage(kept.body.token))).toContain("bob@corp.io");
  });

  it("goes, with the consent, when the text is removed", async () => {
    const me = await visit();
    const id = await me.ask("To be removed");
    const { token } = (await me.call("POST", "/api/shares", { battleId: id })).body;
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    await me.call("DELETE", "/api/history");
    await expect(pages().sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    await expect(pages().publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });
    const newest = await database.db.consent.findFirst({ where: { battleId: id }, orderBy: { id: "desc" } });
    expect(newest?.isGiven).toBe(false);
    expect((await me.call("POST", "/api/shares", { battleId: id })).body.error.code).toBe(
      "publication_refused",
    );
    expect((await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true })).status).toBe(409);
    const stored = await database.db.share.findMany({ where: { battleId: id } });
    expect(JSON.stringify(stored)).not.toContain("To be removed");
  });

  it("is taken down by an operator with a line in the audit log, and cannot be put up again", async () => {
    const me = await visit();
    const id = await me.ask("Against the rules");
    const { token } = (await me.call("POST", "/api/shares", { battleId: id })).body;
    expect((await listAllShares(deps())).find((share) => share.token === token)?.title).toBe(
      "Against the rules",
    );
    const actor = { kind: "cli", label: "tests" } as const;
    await unpublishAsOperator(deps(), actor, token, "spam");
    await expect(pages().sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    await expect(unpublishAsOperator(deps(), actor, token, "spam")).rejects.toMatchObject({
      code: "share_not_found",
    });
    expect(await listAudit(database.db, { action: "share." })).toMatchObject([
      { action: "share.unpublish", targetId: token, details: { reason: "spam" } },
    ]);
    expect((await me.call("POST", "/api/shares", { battleId: id })).body.error.code).toBe(
      "publication_refused",
    );
  });

  it("shows of a chat the branch on the screen, without its system prompt, and waits in the bin with it", async () => {
    const { db } = database;
    const me = await visit();
    await me.ask("Makes the visitor");
    const model = await db.model.findFirstOrThrow({ where: { name: "heron" } });
    const ids = Array.from({ length: 5 }, () => randomUUID());
    const [conversationId = "", q1 = "", a1 = "", a2 = "", q2 = ""] = ids;
    await db.conversation.create({
      data: {
        ...{ id: conversationId, visitorId: me.visitorId, idempotencyKey: randomUUID(), title: "A title" },
        ...{ modelId: model.id, systemPrompt: "My secret persona", leafId: q2 },
      },
    });
    const message = (
      id: string,
      ordinal: number,
      parentId: string | null,
      text: string,
      isAnswer: boolean,
    ) => ({
      ...{ id, ordinal, parentId, text, conversationId },
      ...(isAnswer ? { role: "assistant" as const, modelId: model.id } : { role: "user" as const }),
    });
    await db.message.createMany({
      data: [
        message(q1, 0, null, "First question", false),
        message(a1, 1, q1, "Another branch", true),
        message(a2, 2, q1, "Shown answer", true),
        message(q2, 3, a2, "Unanswered", false),
      ],
    });
    const { token } = shareViewSchema.parse((await me.call("POST", "/api/shares", { conversationId })).body);
    const page = await pages().sharedPage(token);
    expect(page.content).toMatchObject({
      kind: "chat",
      title: "A title",
      messages: [{ text: "First question" }, { text: "Shown answer", model: { name: "heron" } }],
    });
    expect(JSON.stringify(page)).not.toMatch(/secret persona|Another branch|Unanswered/);

    await db.conversation.update({ where: { id: conversationId }, data: { deletedAt: new Date() } });
    await expect(pages().sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    await db.conversation.update({ where: { id: conversationId }, data: { deletedAt: null } });
    expect(await pages().sharedPage(token)).toEqual(page);
    await db.conversation.delete({ where: { id: conversationId } });
    expect(await db.share.count({ where: { token } })).toBe(0);
  });
});
