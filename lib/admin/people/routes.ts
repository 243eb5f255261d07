import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  createResetLink,
  disableUser,
  enableUser,
  inviteUser,
  linkAddress,
  listUsers,
  revokeSessions,
  setUserRole,
} from "@/lib/accounts";
import { inviteRequestSchema, parseInput, personChangeSchema, roleSchema } from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";

const querySchema = z.object({
  query: z.string().max(200).optional(),
  role: z.union([roleSchema, z.literal("").transform(() => undefined)]).optional(),
  before: z.uuid().optional(),
});
const paramsSchema = z.object({ id: z.uuid() });
const pageSize = 50;

/** As lib/protocol/admin/people.ts describes them. */
export async function peopleAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db, settings } = admin;
  const idOf = (request: FastifyRequest): string => parseInput(paramsSchema, request.params).id;
  /** Links lead to the site as the operator has reached it, unless the environment names its address. */
  const siteOf = (request: FastifyRequest): string =>
    admin.publicUrl ?? `${request.protocol}://${request.host}`;

  app.get("/api/admin/people", async (request) => {
    await actorOf(admin, request);
    const found = await listUsers(db, {
      ...parseInput(querySchema, request.query),
      limit: pageSize + 1,
    });
    const people = found.slice(0, pageSize);
    return { people, next: found.length > pageSize ? (people.at(-1)?.id ?? null) : null };
  });

  app.patch("/api/admin/people/:id", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const id = idOf(request);
    const change = parseInput(personChangeSchema, request.body);
    if ("role" in change) await setUserRole(db, actor, id, change.role, settings.current());
    else if (change.isDisabled) await disableUser(db, actor, id);
    else await enableUser(db, actor, id);
    return reply.code(204).send();
  });

  app.post("/api/admin/people/:id/end-sessions", async (request, reply) => {
    const actor = await actorOf(admin, request);
    await revokeSessions(db, actor, idOf(request), "all");
    return reply.code(204).send();
  });

  app.post("/api/admin/people/:id/reset-link", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { token, expiresAt } = await createResetLink(db, actor, idOf(request));
    reply.status(201);
    return { address: linkAddress(siteOf(request), "reset-password", token), expiresAt };
  });

  app.post("/api/admin/people/invite", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { role } = parseInput(inviteRequestSchema, request.body);
    const { token, expiresAt } = await inviteUser(db, actor, { role });
    reply.status(201);
    return { address: linkAddress(siteOf(request), "sign-up", token), expiresAt };
  });
}
