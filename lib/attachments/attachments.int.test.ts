import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVisitorCookies } from "@/lib/accounts";
import { arenaRoutes, registerModels } from "@/lib/arena";
import { offer, scriptedArena } from "@/lib/arena/test-support";
import { type ChatDeps, chatRoutes, LiveConversations } from "@/lib/chat";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { historyRoutes } from "@/lib/history";
import { handleApiError } from "@/lib/http";
import { unmoderated } from "@/lib/moderation/test-support";
import { battleViewSchema, conversationViewSchema, imageViewSchema } from "@/lib/protocol";
import { purgeAttachments } from "./purge-attachments";
import { attachmentRoutes } from "./routes";
import { jpeg, png, segment } from "./test-support";

const seeing = ["seeing-heron", "seeing-stork"];
const blind = ["mole", "bat"];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

/** A visitor's browser over the real routes, database and scripted models. */
async function visit(models: readonly string[] = [...seeing, ...blind]) {
  const { db } = database;
  const { arena, requests } = await scriptedArena(db, models, () => ({ pieces: ["An answer."] }));
  await registerModels(db, models.map(offer));
  const { controller, logger } = arena;
  const conversations = new LiveConversations({
    db,
    controller,
    logger,
    maxTokens: 64,
    orphanGraceMs: 60_000,
    moderation: unmoderated,
  });
  const chat: ChatDeps = {
    ...{ db, controller, live: conversations, maxTokens: 64, waiting: { of: () => 0 } },
    moderation: unmoderated,
  };
  const visitors = createVisitorCookies({ secret: "s".repeat(32), isSecure: false });
  const app = Fastify();
  app.setErrorHandler(handleApiError);
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(chatRoutes, { chat, visitors });
  await app.register(attachmentRoutes, { db, visitors });
  await app.register(historyRoutes, { history: { db, live: arena.live }, visitors });
  const { visitorId, setCookie } = visitors.create();
  const cookie = setCookie.split(";")[0] ?? "";
  const call = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object) => {
    const response = await app.inject({ method, url, payload, headers: { cookie } });
    return { status: response.statusCode, body: response.json() as { error?: { code: string } } };
  };
  const upload = (file: Buffer, type = "image/png") => {
    const headers = { cookie, "content-type": type };
    return app.inject({ method: "POST", url: "/api/attachments", payload: file, headers });
  };
  return {
    ...{ app, arena, conversations, requests, visitorId, cookie, call, upload },
    async uploaded(file = png()) {
      return imageViewSchema.parse((await upload(file)).json()).id;
    },
    async battle(images: string[], chosen?: { a: string; b: string }) {
      const request = { prompt: "What is this?", images, idempotencyKey: randomUUID(), models: chosen };
      const { status, body } = await call("POST", "/api/battles", request);
      if (status !== 201) return { error: body.error?.code };
      const { id } = battleViewSchema.parse(body);
      await (await arena.live.open(id, visitorId)).settled();
      return { id };
    },
    get: (id: string, given = cookie) =>
      app.inject({ method: "GET", url: `/api/attachments/${id}`, headers: { cookie: given } }),
  };
}

const turnOf = (text: string, images: string[]) => ({ prompt: text, images, idempotencyKey: randomUUID() });

describe("an uploaded image", () => {
  it("is kept without metadata, and served to its visitor alone, as something that can run nothing", async () => {
    const { upload, get } = await visit();
    const stranger = await visit();
    const answer = await upload(jpeg({ extra: [segment(0xe1, Buffer.from("Exif\0\0GPS"))] }), "image/jpeg");
    expect(answer.statusCode).toBe(201);
    const { id, ...size } = imageViewSchema.parse(answer.json());
    expect(size).toEqual({ width: 40, height: 30 });
    const own = await get(id);
    expect(own.rawPayload).toEqual(jpeg());
    expect(own.headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-security-policy": expect.stringContaining("sandbox"),
    });
    for (const cookie of [stranger.cookie, ""]) expect((await get(id, cookie)).statusCode).toBe(404);
  });

  it("is judged by its bytes, not by what it is called, and refused beyond the limits", async () => {
    const { upload } = await visit();
    const code = async (file: Buffer, type?: string) => {
      const response = await upload(file, type);
      return [response.statusCode, (response.json() as { error: { code: string } }).error.code];
    };
    expect(await code(Buffer.from("<svg onload='alert(1)'/>"))).toEqual([415, "unsupported_image"]);
    expect(await code(png(), "image/svg+xml")).toEqual([415, "unsupported_media_type"]);
    expect(await code(png({ width: 5_000 }))).toEqual([413, "image_too_large"]);
    expect(await code(Buffer.alloc(7 * 1024 * 1024))).toEqual([413, "payload_too_large"]);
    const heavy = segment(0xfe, Buffer.alloc(60_000));
    const many = Buffer.concat(Array.from({ length: 95 }, () => heavy));
    // Metadata may be heavier than an image; what counts is what stays.
    expect((await upload(jpeg({ extra: [many] }), "image/jpeg")).statusCode).toBe(201);
    // A PNG that is called a JPEG is a PNG.
    expect((await upload(png(), "image/jpeg")).statusCode).toBe(201);
  });

  it("leaves the other routes' bodies as they are", async () => {
    const { app, cookie } = await visit();
    const headers = { cookie, "content-type": "image/png" };
    const response = await app.inject({ method: "POST", url: "/api/battles", payload: png(), headers });
    expect(response.statusCode).toBe(415);
  });
});

describe("a battle with an image", () => {
  it("draws two models that read images, and sends it to both as a data URL", async () => {
    const { uploaded, battle, requests, visitorId } = await visit();
    const image = await uploaded();
    for (let round = 0; round < 6; round += 1) {
      requests.length = 0;
      expect(await battle([image])).toMatchObject({ id: expect.any(String) });
      expect(requests.map(({ model }) => model).sort()).toEqual(seeing);
      const { messages } = JSON.parse(String(requests[0]?.body)) as { messages: unknown[] };
      const url = `data:image/png;base64,${png().toString("base64")}`;
      expect(messages).toEqual([
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url } },
            { type: "text", text: "What is this?" },
          ],
        },
      ]);
    }
    expect(await database.db.attachment.count({ where: { visitorId } })).toBe(1);
  });

  it("is refused where fewer than two read images, or where a chosen model does not", async () => {
    const { uploaded, battle } = await visit(["seeing-heron", ...blind]);
    const image = await uploaded();
    expect(await battle([image])).toEqual({ error: "no_vision_pair" });
    expect(await battle([image], { a: "seeing-heron", b: "mole" })).toEqual({
      error: "model_reads_no_images",
    });
  });

  it("takes no image that is another visitor's, and none that does not exist", async () => {
    const { battle } = await visit();
    const stranger = await visit();
    expect(await battle([await stranger.uploaded()])).toEqual({ error: "attachment_not_found" });
    expect(await battle([randomUUID()])).toEqual({ error: "attachment_not_found" });
  });

  it("takes further ones; a blind battle that began without takes none, whichever its models are", async () => {
    const { uploaded, battle, call, requests } = await visit(seeing);
    const [first, second] = [await uploaded(), await uploaded(png({ width: 8 }))];
    const seen = await battle([first]);
    requests.length = 0;
    const more = await call("POST", `/api/battles/${seen.id}/turns`, turnOf("And this?", [second]));
    expect(more.status).toBe(201);
    const text = await battle([]);
    const refused = await call("POST", `/api/battles/${text.id}/turns`, turnOf("And this?", [second]));
    expect(refused.body.error?.code).toBe("battle_without_images");
  });

  it("keeps its images when the prompt is asked again, and loses them with its text", async () => {
    const { uploaded, battle, call, get, arena, visitorId } = await visit();
    const image = await uploaded();
    const shared = await uploaded(png({ width: 9 }));
    const { id = "" } = await battle([image, shared]);
    const other = await battle([shared]);
    const again = await call("POST", `/api/battles/${id}/regenerate`, { idempotencyKey: randomUUID() });
    expect(battleViewSchema.parse(again.body).turns[0]?.images.map((view) => view.id)).toEqual([
      image,
      shared,
    ]);
    await (await arena.live.open(id, visitorId)).settled();
    expect((await call("DELETE", `/api/history/${id}`)).status).toBe(200);
    expect((await get(image)).statusCode).toBe(404);
    // Another battle still shows it.
    expect((await get(shared)).statusCode).toBe(200);
    await call("DELETE", `/api/history/${other.id}`);
    expect((await get(shared)).statusCode).toBe(404);
  });
});

describe("a chat with an image", () => {
  it("sends it to a model that reads images, and no later model that does not is asked", async () => {
    const { uploaded, call, conversations, requests, visitorId } = await visit();
    const image = await uploaded();
    const opening = { text: "Look", systemPrompt: "", parameters: {}, images: [image] };
    const start = (model: string) =>
      call("POST", "/api/chat/conversations", { ...opening, model, idempotencyKey: randomUUID() });
    expect((await start("mole")).body.error?.code).toBe("model_reads_no_images");
    const view = conversationViewSchema.parse((await start("seeing-heron")).body);
    await (await conversations.refresh(view.id, visitorId)).settled();
    expect(view.messages[0]).toMatchObject({ images: [{ id: image }] });
    expect(String(requests.at(-1)?.body)).toContain("data:image/png;base64,");
    const answer = view.messages[1]?.id;
    const again = await call("POST", `/api/chat/conversations/${view.id}/regenerate`, {
      ...{ messageId: answer, model: "mole", idempotencyKey: randomUUID() },
    });
    expect(again.body.error?.code).toBe("model_reads_no_images");
  });
});

describe("images that nobody sent", () => {
  it("go after a while, those of prompts never", async () => {
    const { db } = database;
    const { uploaded, battle, get } = await visit();
    const [sent, unsent] = [await uploaded(), await uploaded()];
    await battle([sent]);
    await purgeAttachments(db, Date.now());
    expect((await get(unsent)).statusCode).toBe(200);
    await purgeAttachments(db, Date.now() + 2 * 60 * 60 * 1000);
    expect((await get(unsent)).statusCode).toBe(404);
    expect((await get(sent)).statusCode).toBe(200);
  });
});
