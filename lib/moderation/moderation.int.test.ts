import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { disableVisitor, listFlagged, listRefused, resolveFlags } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { defaultSettings, type SiteSettings, settingsSections } from "@/lib/settings";
import { flagAnswer } from "./flag-answer";
import { forgetRefused } from "./forget-refused";
import { createModeration, type ModerationDeps } from "./moderation";

let database: TestDatabase;
const servers: Server[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.$executeRaw`TRUNCATE moderation_results, moderation_flags, audit_log`;
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A moderation endpoint that answers by script; what it was asked is in `asked`. */
type Input = string | { type: string; image_url: { url: string } }[];

async function endpoint(answer: (input: Input) => { status?: number; body: unknown } | null) {
  const asked: { body: { model: string; input: Input }; key: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as { model: string; input: Input };
    asked.push({ body, key: request.headers.authorization });
    const scripted = answer(body.input);
    // Null: it never answers.
    if (scripted === null) return;
    response.writeHead(scripted.status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(scripted.body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/moderations`, asked };
}

type Options = {
  url?: string;
  moderation?: Parameters<(typeof settingsSections)["moderation"]["parse"]>[0];
  controller?: ModerationDeps["controller"];
  /** Of the endpoint. Default: what its model's name says. */
  takesImages?: boolean;
  model?: string;
};

function chain({ url, moderation = {}, controller, takesImages, model = "omni" }: Options = {}) {
  const settings: SiteSettings = {
    ...defaultSettings(),
    moderation: settingsSections.moderation.parse(moderation),
  };
  return createModeration({
    db: database.db,
    settings: { current: () => settings },
    controller: controller ?? { dispatch: () => Promise.reject(new Error("No model is asked here.")) },
    env: {
      ARENA_MODERATION_URL: url,
      ARENA_MODERATION_KEY: "key-of-the-endpoint",
      ARENA_MODERATION_MODEL: model,
      ARENA_MODERATION_IMAGES: takesImages,
    },
    logger: pino({ level: "silent" }),
  });
}

const scores = (category_scores: Record<string, number>) => ({ body: { results: [{ category_scores }] } });
const prompt = (text: string) => ({ surface: "battle_prompt", visitorId: uuidv7(), text }) as const;
const results = () =>
  database.db.moderationResult.findMany({
    orderBy: { id: "asc" },
    select: { surface: true, moderator: true, outcome: true, category: true },
  });

describe("a stop", () => {
  it("does not wait for an endpoint that hangs: its answer counts as a failure, and a person looks at the text", async () => {
    const { url } = await endpoint(() => null);
    const moderation = chain({ url, moderation: { timeoutMs: 30_000, onFailure: "closed" } });
    const subjectId = uuidv7();
    moderation.review("response", subjectId, "a harmless answer");
    moderation.hurry();
    await moderation.settled();
    const flags = await database.db.moderationFlag.findMany({ where: { subjectId } });
    expect(flags).toMatchObject([{ reason: "unchecked" }]);
    // Nor for what comes after it.
    await expect(moderation.admit(prompt("x"))).rejects.toMatchObject({ code: "moderation_unavailable" });
  });
});

describe("the chain of moderators", () => {
  it("lets a harmless prompt through and stores what each has said", async () => {
    const { url, asked } = await endpoint(() => scores({ violence: 0.1 }));
    const moderation = chain({ url });
    await moderation.admit(prompt("How do bees find their way?"));
    await moderation.settled();
    expect(asked).toEqual([
      { body: { model: "omni", input: "How do bees find their way?" }, key: "Bearer key-of-the-endpoint" },
    ]);
    expect(await results()).toMatchObject([
      { moderator: "rules", outcome: "passed", category: null },
      { moderator: "endpoint", outcome: "passed", category: null },
    ]);
  });

  it("refuses what the rules find, and asks nobody else", async () => {
    const { url, asked } = await endpoint(() => scores({}));
    const moderation = chain({ url });
    await expect(moderation.admit(prompt("I want to kill myself"))).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "self_harm" },
    });
    expect(asked).toEqual([]);
  });

  it("has a threshold for each surface", async () => {
    const { url } = await endpoint(() => scores({ "hate/threatening": 0.6 }));
    const moderation = chain({ url, moderation: { thresholds: { battlePrompt: 0.9, chatPrompt: 0.5 } } });
    await moderation.admit(prompt("x"));
    await expect(moderation.admit({ ...prompt("x"), surface: "chat_prompt" })).rejects.toMatchObject({
      details: { category: "threat" },
    });
  });

  it.each([
    ["answers with an error", () => ({ status: 500, body: {} })],
    ["makes no sense", () => ({ body: { results: "none" } })],
    ["never answers", () => null],
  ])("is closed to a prompt when the endpoint %s, unless the site is open", async (_, answer) => {
    const { url } = await endpoint(answer);
    const slow = { timeoutMs: 200 };
    await expect(chain({ url, moderation: slow }).admit(prompt("x"))).rejects.toMatchObject({
      code: "moderation_unavailable",
    });
    const open = chain({ url, moderation: { ...slow, onFailure: "open" } });
    await open.admit(prompt("x"));
    await open.settled();
    // Open, but not silently: the failure is on record.
    expect(await results()).toContainEqual({
      ...{ surface: "battle_prompt", moderator: "endpoint", outcome: "failed", category: null },
    });
  });

  it("asks a model of the site, and takes nothing but its one line of JSON", async () => {
    const said = (content: string): ModerationDeps["controller"] => ({
      dispatch: async () => ({
        ...{ status: 200, contentType: "application/json", workerId: "w", queueWaitMs: 0 },
        body: Readable.from([Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }))]),
      }),
    });
    const settings = { moderation: { classifierModel: "guard" } };
    const ask = (content: string) => chain({ ...settings, controller: said(content) }).admit(prompt("x"));
    await ask('{"category": "none", "score": 1}');
    await expect(ask('{"category": "illicit", "score": 0.95}')).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "illicit" },
    });
    for (const unclear of [
      'Sure! {"category":"none","score":0}',
      "none",
      '{"category":"fine","score":0}',
      "",
    ]) {
      await expect(ask(unclear)).rejects.toMatchObject({ code: "moderation_unavailable" });
    }
  });

  it("asks the model about all of a long text, and refuses it for what stands at its end", async () => {
    const read: string[] = [];
    const controller: ModerationDeps["controller"] = {
      dispatch: async ({ body }) => {
        const { messages } = JSON.parse(String(body)) as { messages: { content: string }[] };
        const text = messages[1]?.content ?? "";
        read.push(text);
        const verdict = text.includes("the foul end") ? '"hate", "score": 0.9' : '"none", "score": 0';
        const content = `{"category": ${verdict}}`;
        return {
          ...{ status: 200, contentType: "application/json", workerId: "w", queueWaitMs: 0 },
          body: Readable.from([Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }))]),
        };
      },
    };
    const moderation = chain({ moderation: { classifierModel: "reader" }, controller });
    const long = "A harmless line.\n".repeat(1_800);
    await moderation.admit(prompt(long));
    await expect(moderation.admit(prompt(`${long}the foul end`))).rejects.toMatchObject({
      code: "content_refused",
      details: { category: "hate" },
    });
    expect(read.length).toBeGreaterThan(6);
    await moderation.settled();
    // One verdict for each text, however many parts it had.
    const verdicts = (await results()).filter(({ moderator }) => moderator === "model:reader");
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(["passed", "refused"]);
  });

  describe("with images", () => {
    const model = "omni-moderation-latest";

    /** A visitor with two images, and a stranger with one. */
    async function illustrated() {
      const { db } = database;
      const [visitorId, strangerId] = [uuidv7(), uuidv7()];
      const image = async (owner: string, text: string) => {
        const id = uuidv7();
        const bytes = new Uint8Array(Buffer.from(text));
        await db.visitor.upsert({ where: { id: owner }, create: { id: owner }, update: {} });
        await db.attachment.create({
          data: {
            ...{ id, visitorId: owner, contentType: "image/png", width: 1, height: 1 },
            ...{ size: bytes.length, bytes },
          },
        });
        return id;
      };
      const images = [await image(visitorId, "one"), await image(visitorId, "two")];
      return { ...prompt("What is this?"), visitorId, images, foreign: await image(strangerId, "secret") };
    }

    const urlOf = (text: string) => `data:image/png;base64,${Buffer.from(text).toString("base64")}`;
    const imageOf = (input: Input) => (typeof input === "string" ? null : (input[0]?.image_url.url ?? null));

    it("shows each to an endpoint that takes them, alone and as a data URL, and no other visitor's", async () => {
      const { url, asked } = await endpoint(() => scores({ violence: 0.1 }));
      const { foreign, ...request } = await illustrated();
      const moderation = chain({ url, model });
      await moderation.admit({ ...request, images: [...request.images, foreign] });
      const inputs = asked.map(({ body }) => body.input);
      expect(inputs).toHaveLength(3);
      expect(inputs).toContain("What is this?");
      for (const text of ["one", "two"])
        expect(inputs).toContainEqual([{ type: "image_url", image_url: { url: urlOf(text) } }]);
    });

    it("refuses what is found in one, and says that it was an image", async () => {
      const { url } = await endpoint((input) =>
        scores({ "violence/graphic": imageOf(input) === urlOf("two") ? 0.97 : 0 }),
      );
      const request = await illustrated();
      await expect(chain({ url, model }).admit(request)).rejects.toMatchObject({
        code: "content_refused",
        details: { category: "violence", part: "image" },
      });
      const { images, ...textOnly } = request;
      await chain({ url, model }).admit(textOnly);
    });

    it("follows the site's setting where an image cannot be checked", async () => {
      const { url } = await endpoint((input) =>
        imageOf(input) === null ? scores({}) : { status: 400, body: { error: { message: "No images." } } },
      );
      const request = await illustrated();
      await expect(chain({ url, model }).admit(request)).rejects.toMatchObject({
        code: "moderation_unavailable",
      });
      const open = chain({ url, model, moderation: { onFailure: "open" } });
      await open.admit(request);
      await open.settled();
      expect((await results()).map(({ outcome }) => outcome)).toContain("failed");
    });

    it("asks only endpoints that take them, by the model's name or the operator's word", async () => {
      const request = await illustrated();
      for (const [options, count] of [
        [{ model: "llama-guard" }, 1],
        [{ model: "llama-guard", takesImages: true }, 3],
        [{ model, takesImages: false }, 1],
      ] as const) {
        const { url, asked } = await endpoint(() => scores({}));
        await chain({ url, ...options }).admit(request);
        expect(asked).toHaveLength(count);
      }
    });
  });

  it("hears of the caller's going", async () => {
    const { url } = await endpoint(() => null);
    const gone = new AbortController();
    const waiting = chain({ url }).admit({ ...prompt("x"), signal: gone.signal });
    gone.abort(new Error("the tab was closed"));
    await expect(waiting).rejects.toThrow("the tab was closed");
  });

  it("can be switched off as a whole", async () => {
    await chain({ moderation: { isOn: false } }).admit(prompt("I want to kill myself"));
    expect(await results()).toEqual([]);
  });
});

/** A voted battle of one visitor with an answer on either side. */
async function votedBattle() {
  const { db } = database;
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

const moderator = { kind: "user", id: "m", label: "moderator@arena.example" } as const;

describe("what was refused", () => {
  it("has a row for moderators, without what was sent, by which whoever tries again and again is found and stopped", async () => {
    const { db } = database;
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
    const { db } = database;
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

describe("flags and the queue", () => {
  it("takes anybody's flag of a battle whose text is published, and of no other", async () => {
    const { db } = database;
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
    const { db } = database;
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
    const { db } = database;
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
      const { items } = await listFlagged(database.db);
      expect(items.map(({ flags }) => flags[0]?.reason)).toEqual(onFailure === "open" ? [] : ["unchecked"]);
    }
  });
});
