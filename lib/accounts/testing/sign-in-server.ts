import Fastify, { type FastifyInstance } from "fastify";
import { createSignIn, createVisitorCookies, type Sessions, type VisitorCookies } from "@/lib/accounts";
import type { Database } from "@/lib/db";
import { handleApiError, requireSameOrigin } from "@/lib/http";
import { defaultSettings } from "@/lib/settings";
import { createChallenges } from "@/lib/trust";

type ServerOptions = {
  signUp?: "open" | "invitation" | "closed";
  isSecure?: boolean;
  env?: Partial<Parameters<typeof createSignIn>[0]["env"]>;
};

export type SignInServer = {
  app: FastifyInstance;
  sessions: Sessions;
  visitors: VisitorCookies;
  /** Visitors whose texts were to be deleted. */
  forgotten: string[];
};

export const testPassword = "correct horse battery";
const host = "127.0.0.1:3000";
let count = 0;

export const newEmail = (): string => `person${++count}@example.org`;

/** The accounts of one server process over its real routes. All of them have the same secret, as the servers of a site. */
export async function signInServer(db: Database, options: ServerOptions = {}): Promise<SignInServer> {
  const { signUp = "open", isSecure = false } = options;
  const secret = "s".repeat(48);
  const visitors = createVisitorCookies({ secret, isSecure });
  const settings = defaultSettings();
  const forgotten: string[] = [];
  const note = () => undefined;
  const signIn = await createSignIn({
    db,
    env: { ARENA_SECRET: secret, HOST: "127.0.0.1", PORT: 3000, ...options.env },
    isSecure,
    settings: { current: () => ({ ...settings, accounts: { ...settings.accounts, signUp } }) },
    visitors,
    challenges: createChallenges(db, secret),
    deleteTexts: async (visitorId) => forgotten.push(visitorId),
    logger: { info: note, warn: note, error: note },
  });
  const app = Fastify({ trustProxy: true });
  app.setErrorHandler(handleApiError);
  app.addHook("onRequest", async (request) => requireSameOrigin(request));
  await app.register(signIn.routes);
  return { app, visitors, sessions: signIn.sessions, forgotten };
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Headers = Record<string, string>;

/** A browser: keeps its cookies, and comes from a network of its own. */
export function testBrowser(
  { app, sessions }: SignInServer,
  address = `10.${Math.floor(++count / 256)}.${count % 256}.7`,
) {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

  async function call(method: Method, url: string, payload?: object, headers: Headers = {}) {
    const own = { host, origin: `http://${host}`, "x-forwarded-for": address, cookie: header() };
    const response = await app.inject({ method, url, payload, headers: { ...own, ...headers } });
    const setCookies = [response.headers["set-cookie"] ?? []].flat();
    for (const line of setCookies) keep(line);
    const isJson = response.headers["content-type"]?.toString().includes("json") === true;
    const body = isJson ? (response.json() as Record<string, unknown>) : {};
    const code = (body["error"] as { code?: string } | undefined)?.code;
    return {
      status: response.statusCode,
      body,
      code,
      headers: response.headers,
      setCookies,
      text: response.body,
    };
  }

  function keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    header,
    keep,
    call,
    post: (url: string, payload: object = {}, headers: Headers = {}) => call("POST", url, payload, headers),
    get: (url: string) => call("GET", url),
    user: () => sessions.find(header()),
    /** Makes an account and stays signed in; gives its address. */
    async signUp(email = newEmail()): Promise<string> {
      const made = await call("POST", "/api/auth/sign-up", { email, name: "Ada", password: testPassword });
      if (made.status !== 201) throw new Error(`The sign-up gave ${made.status} ${made.code}.`);
      return email;
    },
    signIn: (email: string, password = testPassword, headers: Headers = {}) =>
      call("POST", "/api/auth/sign-in", { email, password }, headers),
  };
}
