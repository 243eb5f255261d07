import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { resolveFlags, unhideAnswer } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { unmoderated } from "@/lib/moderation/test-support";
import { defaultSettings } from "@/lib/settings";
import {
  listPublished,
  type PublicationDeps,
  publicationService,
  unpublishAsOperator,
  unpublishBattleAsOperator,
} from ".";
import { changePublication } from "./change-publication";
import { checkConsents } from "./check-consents";
import { publish } from "./publish";
import { visit as visitAs } from "./test-support";

let database: TestDatabase;
let deps: PublicationDeps;
let pages: ReturnType<typeof publicationService>;
let moderation: PublicationDeps["moderation"] = unmoderated;

beforeAll(async () => {
  database = await createTestDatabase();
  deps = {
    ...{ db: database.db, settings: { current: defaultSettings } },
    moderation: { admit: (request) => moderation.admit(request) },
  };
  pages = publicationService(deps);
});
afterAll(() => database.drop());

const visit = (answer?: string) => visitAs(deps, answer);

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
    await pages.publishedBattle(id);
    expect((await me.call("POST", "/api/shares", { battleId: id })).status).toBe(201);
    expect((await me.call("POST", "/api/shares", { battleId: id })).status).toBe(201);
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false });
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    expect(asked).toHaveLength(1);
  });

  it("is asked for the price of a prompt, and only then", async () => {
    const me = await visit();
    const id = await me.ask("Paid once");
    const asked = chainThat((text) => text.includes("Paid") && asked.length === 1);
    let counted = 0;
    const count = async () => {
      counted += 1;
    };
    const choose = (isGiven: boolean) =>
      changePublication(deps, me.visitorId, id, { isGiven, hidesFinds: false }, count);
    await expect(choose(true)).rejects.toMatchObject({ code: "content_refused" });
    await choose(true);
    for (const isGiven of [false, true, false]) await choose(isGiven);
    await publish(deps, me.visitorId, { battleId: id }, count);
    expect([counted, asked.length]).toEqual([2, 2]);
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
    await expect(pages.publishedBattle(id)).rejects.toMatchObject({ code: "battle_not_found" });
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
      await expect(pages.publishedBattle(battleId)).rejects.toMatchObject({ code: "battle_not_found" });
    }
    const asked = chainThat((text) => text.startsWith("Foul"));
    await checkConsents(deps);
    const own = asked.filter(({ visitorId }) => visitorId === me.visitorId);
    expect(own.map(({ subjectId }) => subjectId)).toEqual([fine, foul]);
    expect((await pages.publishedBattle(fine)).content.turns[0]?.prompt).toBe("Fine");
    await expect(pages.publishedBattle(foul)).rejects.toMatchObject({ code: "battle_not_found" });
    // A refusal on record is not asked about again.
    await db.moderationResult.create({
      data: {
        ...{ id: randomUUID(), surface: "publication", subjectId: foul, moderator: "rules", version: "1" },
        ...{ outcome: "refused", category: "hate", score: 0.9, durationMs: 1 },
      },
    });
    expect(await checkConsents(deps)).toBe(0);
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

describe("what a moderator or operator takes out of sight", () => {
  const actor = { kind: "cli", label: "tests" } as const;
  const codeOf = (answer: { body: { error?: { code: string } } }) => answer.body.error?.code;

  /** Hides the answer of side a, as the queue does. */
  async function hideAnswer(battleId: string): Promise<string> {
    const { db } = database;
    const { id } = await db.response.findFirstOrThrow({ where: { side: "a", turn: { battleId } } });
    await db.moderationFlag.create({
      data: { id: randomUUID(), subjectKind: "response", subjectId: id, reason: "hate" },
    });
    await resolveFlags(db, actor, id, { actions: ["hide"], note: "Against the rules." });
    return id;
  }

  /** Whether anybody can read it, and where. */
  async function places(id: string) {
    const page = await pages.publishedBattle(id).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: "battle_not_found" });
        return false;
      },
    );
    const { battles } = await listPublished(database.db, { limit: 50 });
    return {
      page,
      sample: (await pages.samples("heron")).some(({ battleId }) => battleId === id),
      list: battles.some(({ battleId }) => battleId === id),
    };
  }
  const everywhere = { page: true, sample: true, list: true };
  const nowhere = { page: false, sample: false, list: false };

  it("leaves every page without a fault: a hidden answer's battle is nowhere, and back when it is shown again", async () => {
    const me = await visit();
    const id = await me.ask("Hide me");
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    const { token } = (await me.call("POST", "/api/shares", { battleId: id })).body;
    expect(await places(id)).toEqual(everywhere);

    const answer = await hideAnswer(id);
    expect(await places(id)).toEqual(nowhere);
    await expect(pages.sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    expect(codeOf(await me.call("POST", "/api/shares", { battleId: id }))).toBe("publication_refused");

    await unhideAnswer(database.db, actor, answer, { note: "A mistake." });
    expect(await places(id)).toEqual(everywhere);
    // The page that went with it does not come back by itself, and may be made anew.
    await expect(pages.sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
    expect((await me.call("POST", "/api/shares", { battleId: id })).status).toBe(201);
    await expect(unhideAnswer(database.db, actor, answer, { note: "Again." })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await listAudit(database.db, { action: "moderation.unhide" })).toMatchObject([
      { targetKind: "response", targetId: answer, details: { note: "A mistake." } },
    ]);
  });

  it("keeps nobody from withdrawing: the no of a visitor holds when the answer is shown again", async () => {
    const me = await visit();
    const id = await me.ask("Hidden, then withdrawn");
    await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    const answer = await hideAnswer(id);
    expect((await me.call("GET", `/api/battles/${id}/publication`)).body).toMatchObject({ isGiven: true });
    expect(codeOf(await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true }))).toBe(
      "publication_refused",
    );
    expect((await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false })).status).toBe(200);
    await unhideAnswer(database.db, actor, answer, { note: "A mistake." });
    expect(await places(id)).toEqual(nowhere);
  });

  it("is for good where an operator takes the battle or its page down", async () => {
    const { db } = database;
    const me = await visit();
    for (const by of ["battle", "page"] as const) {
      const id = await me.ask(`Taken down by its ${by}`);
      await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
      const { token } = (await me.call("POST", "/api/shares", { battleId: id })).body;
      expect(await places(id)).toEqual(everywhere);
      if (by === "battle") await unpublishBattleAsOperator(deps, actor, id, "spam");
      else await unpublishAsOperator(deps, actor, token, "spam");

      expect(await places(id)).toEqual(nowhere);
      await expect(pages.sharedPage(token)).rejects.toMatchObject({ code: "share_not_found" });
      const asked = { isGiven: true };
      expect(codeOf(await me.call("POST", `/api/battles/${id}/publication`, asked))).toBe(
        "publication_refused",
      );
      expect(codeOf(await me.call("POST", "/api/shares", { battleId: id }))).toBe("publication_refused");
      await checkConsents(deps);
      expect(await places(id)).toEqual(nowhere);
      // What releases ask for.
      expect((await db.battle.findUniqueOrThrow({ where: { id } })).textAdmittedAt).toBeNull();
      await expect(unpublishBattleAsOperator(deps, actor, id, "spam")).rejects.toMatchObject({
        code: "battle_not_found",
      });
      expect((await me.call("POST", `/api/battles/${id}/publication`, { isGiven: false })).status).toBe(200);
    }
    expect(await listAudit(db, { action: "battle." })).toMatchObject([
      { action: "battle.unpublish", details: { reason: "spam" } },
    ]);
  });

  it("is found in a list that is read page by page", async () => {
    const me = await visit();
    const ids = [await me.ask("Older"), await me.ask("Newer")];
    for (const id of ids) await me.call("POST", `/api/battles/${id}/publication`, { isGiven: true });
    const first = await listPublished(database.db, { limit: 1 });
    const second = await listPublished(database.db, { limit: 1, before: first.next });
    expect([first, second].map(({ battles }) => battles[0]?.title)).toEqual(["Newer", "Older"]);
    expect(second.battles[0]?.battleId).toBe(ids[0]);
  });

  it("has no flags any more once its visitor has removed the text", async () => {
    const { db } = database;
    const me = await visit();
    const ids = [await me.ask("Flagged and removed"), await me.ask("Flagged and kept")];
    const flags = await Promise.all(
      ids.map(async (battleId) => {
        const { id } = await db.response.findFirstOrThrow({ where: { side: "b", turn: { battleId } } });
        const flag = { id: randomUUID(), subjectKind: "response" as const, subjectId: id, reason: "hate" };
        return (await db.moderationFlag.create({ data: flag })).id;
      }),
    );
    await me.call("DELETE", `/api/history/${ids[0]}`);
    const rows = await db.moderationFlag.findMany({ where: { id: { in: flags } } });
    expect(flags.map((id) => rows.find((row) => row.id === id)?.status)).toEqual(["gone", "open"]);
  });
});
