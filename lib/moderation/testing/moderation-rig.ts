import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { defaultSettings, type SiteSettings, settingsSections } from "@/lib/settings";
import { createModeration, type ModerationDeps } from "../moderation";

export type Input = string | { type: string; image_url: { url: string } }[];

type Options = {
  url?: string;
  moderation?: Parameters<(typeof settingsSections)["moderation"]["parse"]>[0];
  controller?: ModerationDeps["controller"];
  /** Of the endpoint. Default: what its model's name says. */
  takesImages?: boolean;
  model?: string;
};

/** For tests: chains of moderators over a database of the file's own, empty before each test. Call once at the top. */
export function moderationRig() {
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

  const results = () =>
    database.db.moderationResult.findMany({
      orderBy: { id: "asc" },
      select: { surface: true, moderator: true, outcome: true, category: true },
    });

  return {
    get db() {
      return database.db;
    },
    ...{ endpoint, chain, results },
  };
}

/** As OpenAI's endpoint tells them. */
export const scores = (category_scores: Record<string, number>) => ({
  body: { results: [{ category_scores }] },
});
export const prompt = (text: string) => ({ surface: "battle_prompt", visitorId: uuidv7(), text }) as const;

export const moderator = { kind: "user", id: "m", label: "moderator@arena.example" } as const;
