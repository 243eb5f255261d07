import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { challengeSolution } from "@/lib/http";
import {
  changeAccountRequestSchema,
  changePasswordRequestSchema,
  createOwnKeyRequestSchema,
  deleteAccountRequestSchema,
  type KeyList,
  type OwnUsage,
  ownUsageRequestSchema,
  parseInput,
  type SessionList,
} from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import { createOwnKey, listOwnKeys, revokeOwnKey } from "./api-keys/own-keys";
import type { Attempts } from "./auth/attempts";
import type { Auth } from "./auth/create-auth";
import type { OpenSession, SessionReader } from "./sessions/create-sessions";
import { listSessions } from "./sessions/list-sessions";
import { revokeSessions } from "./sessions/revoke-sessions";
import { readUsage, type UsageRow, usageRange } from "./usage/read-usage";
import { usageCsv } from "./usage/usage-csv";
import { changePassword, checkPassword } from "./users/change-password";
import { type DeleteUserDeps, deleteUser } from "./users/delete-user";
import { readAccount, renameUser, unlinkProvider } from "./users/read-account";

export type AccountRoutesOptions = {
  db: Database;
  auth: Auth;
  sessions: SessionReader;
  attempts: Attempts;
  settings: () => SiteSettings["accounts"];
  deleteTexts: DeleteUserDeps["deleteTexts"];
};

const idSchema = z.object({ id: z.uuid() });
const providerSchema = z.object({ id: z.string().max(40) });

/** `/api/account`: what people do with their own accounts, as lib/protocol/account.ts describes it. */
export async function accountRoutes(app: FastifyInstance, options: AccountRoutesOptions): Promise<void> {
  const { db, auth, sessions, attempts, settings, deleteTexts } = options;
  const sessionOf = async (request: FastifyRequest): Promise<OpenSession> => {
    const session = await sessions.open(request.headers.cookie);
    if (session === null) throw new AppError("sign_in_required");
    return session;
  };
  const userOf = async (request: FastifyRequest) => (await sessionOf(request)).user;
  const actorOf = ({ user }: OpenSession) => ({ kind: "user", id: user.id, label: user.email }) as const;
  /** What cannot be one's own is not there. */
  const idOf = (request: FastifyRequest): string => {
    const params = idSchema.safeParse(request.params);
    if (!params.success) throw new AppError("not_found");
    return params.data.id;
  };
  const sessionsOf = async ({ id, user }: OpenSession): Promise<SessionList> => ({
    sessions: await listSessions(db, user.id, id),
  });

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.get("/api/account", async (request) => readAccount(db, (await userOf(request)).id));

  app.patch("/api/account", async (request) => {
    const { id } = await userOf(request);
    await renameUser(db, id, parseInput(changeAccountRequestSchema, request.body).name);
    return readAccount(db, id);
  });

  app.delete("/api/account", async (request) => {
    const session = await sessionOf(request);
    const { confirmation } = parseInput(deleteAccountRequestSchema, request.body);
    await attempts.signIn(session.user.email, request.ip, challengeSolution(request.headers));
    const hasPassword = await checkPassword({ db, auth }, session.user.id, confirmation);
    if (!hasPassword && confirmation.trim().toLowerCase() !== session.user.email) {
      throw new AppError("invalid_credentials", { message: "That is not the account's address." });
    }
    await deleteUser({ db, deleteTexts }, actorOf(session), session.user.id);
    return { ok: true };
  });

  app.post("/api/account/password", async (request) => {
    const session = await sessionOf(request);
    const body = parseInput(changePasswordRequestSchema, request.body);
    await attempts.signIn(session.user.email, request.ip, challengeSolution(request.headers));
    await changePassword({ db, auth }, session, body);
    await attempts.signedIn(session.user.email, request.ip);
    return { ok: true };
  });

  app.delete("/api/account/providers/:id", async (request) => {
    const user = await userOf(request);
    const params = providerSchema.safeParse(request.params);
    if (!params.success) throw new AppError("not_found");
    await unlinkProvider(db, user, params.data.id);
    return readAccount(db, user.id);
  });

  app.get("/api/account/sessions", async (request) => sessionsOf(await sessionOf(request)));

  app.delete("/api/account/sessions", async (request) => {
    const session = await sessionOf(request);
    await revokeSessions(db, actorOf(session), session.user.id, { except: session.id });
    return sessionsOf(session);
  });

  app.delete("/api/account/sessions/:id", async (request) => {
    const session = await sessionOf(request);
    await revokeSessions(db, actorOf(session), session.user.id, { id: idOf(request) });
    return sessionsOf(session);
  });

  const keysOf = async ({ user }: OpenSession): Promise<KeyList> => ({
    keys: await listOwnKeys(db, user.id),
    caps: settings().keys[user.role],
  });

  app.get("/api/account/keys", async (request) => keysOf(await sessionOf(request)));

  app.post("/api/account/keys", async (request, reply) => {
    const user = await userOf(request);
    const body = parseInput(createOwnKeyRequestSchema, request.body);
    const created = await createOwnKey(db, user, body, settings().keys[user.role]);
    reply.status(201);
    return created;
  });

  app.delete("/api/account/keys/:id", async (request) => {
    const session = await sessionOf(request);
    await revokeOwnKey(db, session.user, idOf(request));
    return keysOf(session);
  });

  app.get("/api/account/usage", async (request, reply) => {
    const user = await userOf(request);
    const { from, to, format } = parseInput(ownUsageRequestSchema, request.query);
    const now = new Date();
    const { first, last } = usageRange({ from, to }, now);
    const caller = (await listOwnKeys(db, user.id)).map(({ id }) => id);
    const rows = await readUsage(db, { from, to, caller }, now);
    if (format === "json")
      return { from: dayOf(first), to: dayOf(last), rows: rows.map(toRow) } satisfies OwnUsage;
    reply.header("content-type", "text/csv; charset=utf-8");
    reply.header("content-disposition", 'attachment; filename="usage.csv"');
    return usageCsv(rows);
  });
}

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

function toRow({ caller: _caller, ownerLabel: _owner, ...row }: UsageRow): OwnUsage["rows"][number] {
  return row;
}
