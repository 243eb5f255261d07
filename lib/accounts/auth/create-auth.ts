import { createHmac } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import type { ErrorCode } from "@/lib/errors";
import { accountLimits } from "@/lib/protocol";
import type { AccountsLogger } from "../logger";
import type { AuthProvider } from "./providers";

export type AuthDeps = {
  db: Database;
  /** ARENA_SECRET; what signs the cookies is derived from it. */
  secret: string;
  /** Where people's browsers find the site: scheme, host and port. */
  publicUrl: string;
  /** Cookies are sent over TLS only. */
  isSecure: boolean;
  providers: readonly AuthProvider[];
  /** Whether somebody without an invitation may make an account. */
  isSignUpOpen: () => boolean;
  logger: AccountsLogger;
};

/** better-auth, as far as this site uses it: passwords, sessions, and the way to a provider and back. */
export type Auth = {
  /** Its own endpoints. Rejects with whatever failed inside. */
  handle(request: Request): Promise<Response>;
  /** Scrypt. */
  hashPassword(password: string): Promise<string>;
  verifyPassword(hash: string, password: string): Promise<boolean>;
  sessionCookie: { name: string; secret: string };
};

const sessionSeconds = 30 * 24 * 60 * 60;

/**
 * What it stores goes through our own tables. It sends nothing anywhere: no telemetry, no mail. Addresses are not stored, and
 * a provider's tokens are dropped as soon as they have told who signs in. Its own limits are off: ours are shared by all
 * servers (./attempts).
 */
export async function createAuth(deps: AuthDeps): Promise<Auth> {
  // Only the server needs it, and loading it takes longer than most commands run.
  const [
    { betterAuth },
    { APIError },
    { hashPassword, verifyPassword },
    { prismaAdapter },
    { genericOAuth },
  ] = await Promise.all([
    import("better-auth"),
    import("better-auth/api"),
    import("better-auth/crypto"),
    import("better-auth/adapters/prisma"),
    import("better-auth/plugins/generic-oauth"),
  ]);
  /** It passes only errors of its own kind on to the page that a provider's callback leads to. */
  const refusal = (code: ErrorCode) => new APIError("FORBIDDEN", { code, message: code });
  const { db, publicUrl, providers, logger } = deps;
  const secret = createHmac("sha256", deps.secret).update("chat-arena auth").digest("base64url");
  const social = (id: "github" | "google") =>
    providers
      .filter((provider) => provider.id === id)
      .map(({ clientId, clientSecret }) => ({ [id]: { clientId, clientSecret } }));

  const auth = betterAuth({
    appName: "Chat Arena",
    baseURL: publicUrl,
    basePath: "/api/auth",
    secret,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { log: (level, message) => logger[level === "error" ? "warn" : "info"]({ level }, message) },
    onAPIError: { throw: true, errorURL: `${publicUrl}/sign-in` },
    database: prismaAdapter(db, { provider: "postgresql", transaction: true }),
    trustedOrigins: (request) => (request === undefined ? [] : sameOrigin(request)),
    user: {
      modelName: "user",
      additionalFields: { role: { type: "string", input: false, defaultValue: "user" } },
    },
    session: { modelName: "authSession", expiresIn: sessionSeconds, disableSessionRefresh: true },
    verification: { modelName: "authVerification" },
    account: {
      modelName: "authAccount",
      accountLinking: { allowDifferentEmails: true },
    },
    emailAndPassword: {
      enabled: true,
      // Accounts are made by lib/accounts/users/sign-up, which knows invitations.
      disableSignUp: true,
      minPasswordLength: accountLimits.minPassword,
      maxPasswordLength: accountLimits.maxPassword,
    },
    socialProviders: Object.assign({}, ...social("github"), ...social("google")),
    plugins: providers
      .filter(({ id }) => id === "oidc")
      .map(({ id, name, clientId, clientSecret, issuer }) =>
        genericOAuth({
          config: [
            {
              ...{ providerId: id, name, clientId, clientSecret },
              discoveryUrl: `${issuer?.replace(/\/$/, "")}/.well-known/openid-configuration`,
              scopes: ["openid", "email", "profile"],
              pkce: true,
              disableProviderLogout: true,
            },
          ],
        }),
      ),
    databaseHooks: {
      user: {
        create: {
          // Reached by providers alone.
          before: async (user) => {
            if (!deps.isSignUpOpen()) throw refusal("sign_up_closed");
            return {
              data: { ...user, name: user.name.slice(0, 80) || user.email.split("@")[0] || "?", image: null },
            };
          },
          after: async ({ id, email }) => {
            const actor = { kind: "user", id, label: email } as const;
            const target = { targetKind: "user", targetId: id } as const;
            await recordAudit(db, {
              actor,
              action: "user.sign_up",
              ...target,
              details: { role: "user", by: "provider" },
            });
          },
        },
      },
      session: {
        create: {
          before: async ({ userId }) => {
            const user = await db.user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
            if (user === null || user.disabledAt !== null) throw refusal("account_disabled");
          },
        },
      },
      account: {
        create: { before: async (account) => ({ data: { ...account, ...noTokens } }) },
        update: { before: async (account) => ({ data: { ...account, ...noTokens } }) },
      },
    },
    advanced: {
      cookiePrefix,
      useSecureCookies: deps.isSecure,
      // Both on in tests too, where better-auth switches them off by itself.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => uuidv7() },
    },
  });

  // Not awaited: a provider that does not answer must keep nobody from starting the site.
  auth.$context.catch((error: unknown) => logger.error({ err: error }, "sign-in cannot be set up"));
  return {
    handle: async (request) => {
      try {
        return await auth.handler(request);
      } catch (error) {
        throw databaseError(error);
      }
    },
    hashPassword,
    verifyPassword: (hash, password) => verifyPassword({ hash, password }),
    sessionCookie: { name: `${deps.isSecure ? "__Secure-" : ""}${cookiePrefix}.session_token`, secret },
  };
}

const cookiePrefix = "arena";
const noTokens = { accessToken: null, refreshToken: null, idToken: null } as const;

/** The page's own origin, whatever name the site was called by. The request's `host` is the one that Fastify believes. */
function sameOrigin(request: Request): string[] {
  const origin = request.headers.get("origin");
  if (origin === null || !URL.canParse(origin)) return [];
  return new URL(origin).host === request.headers.get("host") ? [origin] : [];
}
