import type { FastifyInstance } from "fastify";
import type { Database } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import type { Settings } from "@/lib/settings";
import { accountRoutes } from "./account-routes";
import { createAttempts, type ProofOfWork } from "./auth/attempts";
import { authRoutes } from "./auth/auth-routes";
import { createAuth } from "./auth/create-auth";
import { type AuthProvider, authProviders } from "./auth/providers";
import type { AccountsLogger } from "./logger";
import { createSessions } from "./sessions/create-sessions";
import type { Sessions } from "./sessions/session-types";
import type { DeleteUserDeps } from "./users/delete-user";
import type { VisitorCookies } from "./visitors/visitor-cookie";

export type SignInEnv = Pick<ServerEnv, "ARENA_SECRET" | "ARENA_PUBLIC_URL" | "HOST" | "PORT"> &
  Parameters<typeof authProviders>[0];

export type SignInDeps = {
  db: Database;
  env: SignInEnv;
  isSecure: boolean;
  settings: Pick<Settings, "current">;
  visitors: VisitorCookies;
  /** What trying an account from many networks costs. */
  challenges: ProofOfWork;
  /** Removes the texts of all battles of a visitor. */
  deleteTexts: DeleteUserDeps["deleteTexts"];
  logger: AccountsLogger;
};

/** What the pages of signing in and up offer. */
export type SignInOptions = {
  signUp: "open" | "invitation" | "closed";
  providers: Pick<AuthProvider, "id" | "name">[];
};

/** Accounts of people, for one server process: who is signed in, and the routes with which they become so. */
export type SignIn = {
  sessions: Sessions;
  routes: (app: FastifyInstance) => Promise<void>;
  options: () => SignInOptions;
};

export async function createSignIn({
  db,
  env,
  isSecure,
  settings,
  visitors,
  challenges,
  deleteTexts,
  logger,
}: SignInDeps): Promise<SignIn> {
  const publicUrl =
    env.ARENA_PUBLIC_URL ?? `http://${env.HOST.includes(":") ? `[${env.HOST}]` : env.HOST}:${env.PORT}`;
  const providers = authProviders(env);
  const mode = () => settings.current().accounts.signUp;
  const auth = await createAuth({
    ...{ db, publicUrl, isSecure, providers, logger },
    secret: env.ARENA_SECRET,
    isSignUpOpen: () => mode() === "open",
  });
  const { name: cookieName, secret } = auth.sessionCookie;
  const sessions = createSessions({ db, cookieName, secret });
  const attempts = createAttempts(db, env.ARENA_SECRET, challenges);
  return {
    sessions,
    routes: async (app) => {
      const shared = { db, auth, sessions, attempts };
      await app.register(authRoutes, { ...shared, visitors, providers, publicUrl, mode, logger });
      const accountSettings = () => settings.current().accounts;
      await app.register(accountRoutes, { ...shared, settings: accountSettings, deleteTexts });
    },
    options: () => ({ signUp: mode(), providers: providers.map(({ id, name }) => ({ id, name })) }),
  };
}
