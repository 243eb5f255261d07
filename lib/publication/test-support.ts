import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { createVisitorCookies } from "@/lib/accounts";
import { arenaRoutes } from "@/lib/arena";
import { scriptedArena } from "@/lib/arena/test-support";
import { isAppError, renderJsonError } from "@/lib/errors";
import { historyRoutes } from "@/lib/history";
import { battleViewSchema, type Outcome } from "@/lib/protocol";
import type { PublicationDeps } from "./deps";
import { publicationRoutes } from "./routes";

/** A visitor's browser over the real routes, database and scripted models. */
export async function visit(publication: PublicationDeps, answer = "An answer.") {
  const { db } = publication;
  const { arena } = await scriptedArena(db, ["heron", "stork"], () => ({ pieces: [answer] }));
  const visitors = createVisitorCookies({ secret: "s".repeat(32), isSecure: false });
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!isAppError(error)) throw error;
    return reply.status(error.status).send(renderJsonError(error));
  });
  await app.register(arenaRoutes, { arena, visitors });
  await app.register(historyRoutes, { history: { db, live: arena.live }, visitors });
  await app.register(publicationRoutes, { publication, visitors });
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
