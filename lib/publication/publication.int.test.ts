import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createVisitorCookies } from "@/lib/accounts";
import { arenaRoutes } from "@/lib/arena";
import { scriptedArena } from "@/lib/arena/test-support";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError, isAppError, renderJsonError } from "@/lib/errors";
import { historyRoutes } from "@/lib/history";
import { unmoderated } from "@/lib/moderation/test-support";
import {
  battleViewSchema,
  foundDetailsSchema,
  historySchema,
  type Outcome,
  publicationViewSchema,
  shareListSchema,
  shareViewSchema,
} from "@/lib/protocol";
import { defaultSettings, type SiteSettings } from "@/lib/settings";
import {
  listAllShares,
  type PublicationDeps,
  publicationRoutes,
  publicationService,
  unpublishAsOperator,
} from ".";
import { checkConsents } from "./check-consents";

let database: TestDatabase;
let settings: SiteSettings = defaultSettings();

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

let moderation: PublicationDeps["moderation"] = unmoderated;

const deps = (): PublicationDeps => ({
  ...{ db: database.db, settings: { current: () => settings } },
  moderation: { admit: (request) => moderation.admit(request) },
});
const pages = () => publicationService(deps());

/** A visitor's browser over the real routes, database and scripted models. */
async function visit(answer = "An answer.") {
  const { arena } = await scriptedArena(database.db, ["heron", "stork"], () => ({ pieces: [answer] }));
  const visitors = createVisitorCookies({ secret: "s".repeat(32), isSecure: false });
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!isAppError(error)) throw error;
    return reply.status(error.status).send(renderJsonError(error));
  });
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(historyRoutes, { history: { db: database.db, live: arena.live }, visitors });
  await app.register(publicationRoutes, { publication: deps(), visitors });
  const { visitorId, setCookie } = visitors.create();
  const cookie = setCookie.split(";")[0] ?? "";
  async function call(method: "GET" | "POST" | "DELETE", url: string, payload?: object) {
    const response = await app.inject({ method, url, payload, headers: { cookie } });
    return { status: response.statusCode, body: response.json() };
  }
  async function ask(prompt: string, outcome: Outcome | null = "a") {
    const { body } = await call("POST", "/api/battles", { prompt, idempotencyKey: randomUUID() });
    const { id } = battleViewSchema.parse(body);
    await (await arena.live.open(id, visitorId)).settled();
    if (outcome !== null) {
      await call("POST", `/api/battles/${id}/vote`, { outcome, idempotencyKey: randomUUID() });
    }
    return id;
  }
  return { visitorId, call, ask };
}

describe("what a visitor was told", () => {
  it("is kept once for each wording, with its time", async () => {
    const me = await visit();
    await me.ask("One");
    await me.ask("Two");
    const rows = await database.db.consent.findMany({ where: { visitorId: me.visitorId } });
    expect(rows).toMatchObject([{ kind: "privacy", isGiven: true, version: 2, battleId: null }]);
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

describe("the chain of moderators", () => {
  type Asked = Parameters<PublicationDeps["moderation"]["admit"]>[0];
  /** A chain that says so, and what it was asked. */
  function chainThat(refuses: (text: string) => boolean) {
    const asked: Asked[] = [];
    moderation = {
      async admit(request) {
        asked.push(request);
        if (refuses(request.text)) throw new AppError("content_refused", { details: { category: "hate" } });
      },
    };
    return asked;
  }
  afterEach(() => {
    moderation = unmoderated;
  });

  it("is asked about the whole text before the choice to publish is kept, and once for all that follows", async () => {
    const me = await visit("The answer.");
    const id = await me.ask("The prompt.");
    const asked = chainThat(() => false);
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    expect(asked).toEqual([
      {
        ...{ surface: "publication", visitorId: me.visitorId, subjectId: id },
        text: "The prompt.\n\nThe answer.\n\nThe answer.",
      },
    ]);
    await pages().publishedBattle(id);
    expect((await me.call("POST", "/api/shares", { battleId: id })).status).toBe(201);
    expect((await me.call("POST", "/api/shares", { battleId: id })).status).toBe(201);
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false });
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    expect(asked).toHaveLength(1);
  });

  it("keeps what it refuses out of pages, shares and the choice, and a no needs nobody's word", async () => {
    const me = await visit("Something hateful.");
    const id = await me.ask("Say it");
    chainThat((text) => text.includes("hateful"));
    for (const url of [`/api/battles/${id}/publication`, "/api/shares"]) {
      const body = url === "/api/shares" ? { battleId: id } : { isGiven: true };
      expect((await me.call("POST", url, body)).body.error.code).toBe("content_refused");
    }
    expect(await database.db.consent.count({ where: { battleId: id, isGiven: true } })).toBe(0);
    await expect(pages().publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });
    expect((await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false })).status).toBe(200);
  });

  it("is asked later about texts that were published before it was asked; until then they are nowhere", async () => {
    const me = await visit("An answer.");
    const [fine, foul] = [await me.ask("Fine"), await me.ask("Foul")];
    const { db } = database;
    for (const battleId of [fine, foul]) {
      await db.consent.create({
        data: { visitorId: me.visitorId, battleId, kind: "publication", isGiven: true, version: 1 },
      });
      await expect(pages().publishedBattle(battleId)).rejects.toMatchObject({ code: "battle_not_found" });
    }
    const asked = chainThat((text) => text.startsWith("Foul"));
    await checkConsents(deps());
    const own = asked.filter(({ visitorId }) => visitorId === me.visitorId);
    expect(own.map(({ subjectId }) => subjectId)).toEqual([fine, foul]);
    expect((await pages().publishedBattle(fine)).content.turns[0]?.prompt).toBe("Fine");
    await expect(pages().publishedBattle(foul)).rejects.toMatchObject({ code: "battle_not_found" });
    // A refusal on record is not asked about again.
    await db.moderationResult.create({
      data: {
        ...{ id: randomUUID(), surface: "publication", subjectId: foul, moderator: "rules", version: "1" },
        ...{ outcome: "refused", category: "hate", score: 0.9, durationMs: 1 },
      },
    });
    expect(await checkConsents(deps())).toBe(0);
  });

  it("lets a stopped visitor publish nothing, whatever it has let through before", async () => {
    const me = await visit();
    const id = await me.ask("Admitted, then stopped");
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false });
    await database.db.visitor.update({ where: { id: me.visitorId }, data: { disabledAt: new Date() } });
    const { body } = await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    expect(body.error.code).toBe("visitor_stopped");
  });
});
