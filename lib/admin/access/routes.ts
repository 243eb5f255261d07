import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  changeKey,
  createJoinToken,
  createKey,
  listJoinTokens,
  listKeys,
  revokeJoinToken,
  revokeKey,
  rotateJoinToken,
  rotateKey,
} from "@/lib/accounts";
import {
  adminKeyChangeSchema,
  adminKeyRequestSchema,
  joinTokenRequestSchema,
  joinTokenRevokeSchema,
  joinTokenRotateSchema,
  keyRotateSchema,
  parseInput,
} from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";

const paramsSchema = z.object({ prefix: z.string().min(1).max(64) });
const hourMs = 3_600_000;

type KeyInput = Parameters<typeof createKey>[1];

/** As lib/protocol/admin/access.ts describes them. */
export async function accessAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db } = admin;
  const prefixOf = (params: unknown): string => parseInput(paramsSchema, params).prefix;

  app.get("/api/admin/keys", async (request) => {
    await actorOf(admin, request);
    return { keys: await listKeys(db) };
  });

  app.post("/api/admin/keys", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { endpoints, ...input } = parseInput(adminKeyRequestSchema, request.body);
    reply.status(201);
    // The use case refuses endpoints that it does not know, by their place.
    return await createKey(db, { ...input, endpoints: endpoints as KeyInput["endpoints"] }, actor);
  });

  app.patch("/api/admin/keys/:prefix", async (request) => {
    const actor = await actorOf(admin, request);
    const { endpoints, ...input } = parseInput(adminKeyChangeSchema, request.body);
    const change = { ...input, endpoints: endpoints as KeyInput["endpoints"] };
    return await changeKey(db, prefixOf(request.params), change, actor);
  });

  app.post("/api/admin/keys/:prefix/rotate", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { overlapHours } = parseInput(keyRotateSchema, request.body);
    reply.status(201);
    return await rotateKey(db, prefixOf(request.params), { overlapMs: overlapHours * hourMs, actor });
  });

  app.delete("/api/admin/keys/:prefix", async (request) => {
    const actor = await actorOf(admin, request);
    return await revokeKey(db, prefixOf(request.params), actor);
  });

  app.get("/api/admin/join-tokens", async (request) => {
    await actorOf(admin, request);
    return { tokens: await listJoinTokens(db) };
  });

  app.post("/api/admin/join-tokens", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const input = parseInput(joinTokenRequestSchema, request.body);
    const { token, secret } = await createJoinToken(db, input, actor);
    reply.status(201);
    return { token: { ...token, workers: 0 }, secret };
  });

  app.post("/api/admin/join-tokens/:prefix/rotate", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { overlapHours } = parseInput(joinTokenRotateSchema, request.body);
    const options = { overlapMs: overlapHours * hourMs, actor };
    const { token, secret } = await rotateJoinToken(db, prefixOf(request.params), options);
    reply.status(201);
    return { token: { ...token, workers: 0 }, secret };
  });

  app.post("/api/admin/join-tokens/:prefix/revoke", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { dropWorkers } = parseInput(joinTokenRevokeSchema, request.body);
    await revokeJoinToken(db, prefixOf(request.params), { dropWorkers, actor });
    return reply.code(204).send();
  });
}
