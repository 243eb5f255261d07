import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Database } from "@/lib/db";
import { AppError, isAppError } from "@/lib/errors";
import { challengeSolution } from "@/lib/http";
import {
  type LinkView,
  linkRequestSchema,
  parseInput,
  providerRequestSchema,
  resetPasswordRequestSchema,
  type SignedIn,
  signInRequestSchema,
  signUpRequestSchema,
} from "@/lib/protocol";
import { findLink } from "../links/use-link";
import type { AccountsLogger } from "../logger";
import type { SessionReader } from "../sessions/create-sessions";
import type { SessionUser } from "../sessions/session-types";
import { resetPassword } from "../users/reset-password";
import { type SignUpDeps, signUp } from "../users/sign-up";
import { mergeVisitor } from "../visitors/merge-visitor";
import type { VisitorCookies } from "../visitors/visitor-cookie";
import type { Attempts } from "./attempts";
import { authError, responseError } from "./auth-error";
import type { Auth } from "./create-auth";
import { cookieHeaderOf, copyCookies, forward } from "./forward";
import type { AuthProvider } from "./providers";

export type AuthRoutesOptions = {
  db: Database;
  auth: Auth;
  sessions: SessionReader;
  attempts: Attempts;
  visitors: VisitorCookies;
  providers: readonly AuthProvider[];
  publicUrl: string;
  mode: SignUpDeps["mode"];
  logger: AccountsLogger;
};

const callbackSchema = z.object({ id: z.string().max(40) });

/**
 * `/api/auth`: signing in and out, as lib/protocol/account.ts describes it. Of better-auth's endpoints only those are open
 * that are named here. That a request comes from a page of this site has been checked before (lib/http/same-origin), and
 * better-auth checks it again.
 */
export async function authRoutes(app: FastifyInstance, options: AuthRoutesOptions): Promise<void> {
  const { db, auth, sessions, attempts, visitors, providers, publicUrl, mode, logger } = options;
  const pass = async (request: FastifyRequest, path: string, body?: object): Promise<Response> => {
    let response: Response;
    try {
      response = await forward(auth, publicUrl, request, path, body);
    } catch (error) {
      throw authError(error);
    }
    if (response.status >= 400) throw await responseError(response);
    return response;
  };

  /**
   * Somebody has signed in: what this browser's visitor did goes into the account, and the browser leaves the session that
   * it had. Only then does it get its cookies: a sign-in is whole, or it did not happen.
   */
  const welcome = async (
    request: FastifyRequest,
    reply: FastifyReply,
    response: Response,
  ): Promise<SessionUser> => {
    const [before, now] = await Promise.all([
      sessions.open(request.headers.cookie),
      sessions.open(cookieHeaderOf(response)),
    ]);
    if (now === null) throw new AppError("internal", { message: "The session was not kept." });
    const visitorId = visitors.read(request.headers.cookie);
    // A visitor of this browser while somebody else is signed in is theirs: on a shared machine nothing changes hands.
    const isOwn = before === null || before.user.id === now.user.id;
    if (visitorId !== null && isOwn) await mergeVisitor(db, visitorId, now.user.id);
    // And with it what has run out anywhere, so that the table does not grow for ever.
    const over = [{ expiresAt: { lt: new Date() } }, ...(before === null ? [] : [{ id: before.id }])];
    await db.authSession.deleteMany({ where: { OR: over } });
    copyCookies(response, reply);
    if (visitorId !== null) reply.header("set-cookie", visitors.clear());
    return now.user;
  };

  const signInByPassword = async (
    request: FastifyRequest,
    reply: FastifyReply,
    credentials: { email: string; password: string; rememberMe: boolean },
  ): Promise<SignedIn> => {
    const response = await pass(request, "/sign-in/email", credentials);
    const { name, role } = await welcome(request, reply, response);
    await attempts.signedIn(credentials.email, request.ip);
    return { name, role };
  };

  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.post("/api/auth/sign-in", async (request, reply) => {
    const { email, password, isRemembered } = parseInput(signInRequestSchema, request.body);
    await attempts.signIn(email, request.ip, challengeSolution(request.headers));
    return signInByPassword(request, reply, { email, password, rememberMe: isRemembered });
  });

  app.post("/api/auth/sign-up", async (request, reply) => {
    const body = parseInput(signUpRequestSchema, request.body);
    await attempts.signUp(request.ip);
    const { email } = await signUp({ db, auth, mode }, body);
    reply.status(201);
    return signInByPassword(request, reply, { email, password: body.password, rememberMe: true });
  });

  app.post("/api/auth/sign-out", async (request, reply) => {
    const response = await pass(request, "/sign-out", {});
    copyCookies(response, reply);
    return { ok: true };
  });

  /** What a link is for. Its token comes in the body: an address would end up in logs. */
  app.post("/api/auth/link", async (request): Promise<LinkView> => {
    const { token } = parseInput(linkRequestSchema, request.body);
    await attempts.useLink(request.ip);
    const link = await findLink(db, token);
    return { kind: link.kind, role: link.role };
  });

  app.post("/api/auth/reset-password", async (request) => {
    const body = parseInput(resetPasswordRequestSchema, request.body);
    await attempts.useLink(request.ip);
    await resetPassword({ db, auth }, body);
    return { ok: true };
  });

  /** Where the browser must go to sign in at a provider, or to link one to the account that is signed in. */
  app.post("/api/auth/provider", async (request, reply) => {
    const { provider, isLink } = parseInput(providerRequestSchema, request.body);
    if (!providers.some(({ id }) => id === provider)) throw new AppError("not_found");
    const [path, home] = isLink ? ["/link-social", "/account"] : ["/sign-in/social", "/"];
    const response = await pass(request, path, {
      ...{ provider, callbackURL: home, disableRedirect: true },
      errorCallbackURL: isLink ? "/account?problem=provider_failed" : "/sign-in?problem=provider_failed",
    });
    copyCookies(response, reply);
    return { url: z.object({ url: z.url() }).parse(await response.json()).url };
  });

  /** The provider sends the browser back here. A person is looking, so whatever fails becomes a page. */
  app.get("/api/auth/callback/:id", async (request, reply) => {
    const { id } = parseInput(callbackSchema, request.params);
    const query = request.url.includes("?") ? request.url.slice(request.url.indexOf("?")) : "";
    try {
      const response = await pass(request, `/callback/${encodeURIComponent(id)}${query}`);
      const isSignedIn = (await sessions.find(cookieHeaderOf(response))) !== null;
      if (isSignedIn) await welcome(request, reply, response);
      else copyCookies(response, reply);
      return reply.redirect(response.headers.get("location") ?? "/", 303);
    } catch (error) {
      const code = isAppError(error) ? error.code : "internal";
      logger.warn({ err: error, provider: id, requestId: request.id }, "a sign-in by a provider failed");
      return reply.redirect(`/sign-in?problem=${code}`, 303);
    }
  });
}
