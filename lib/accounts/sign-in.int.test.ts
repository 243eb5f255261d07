import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSignIn, createVisitorCookies } from "@/lib/accounts";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { handleApiError, requireSameOrigin } from "@/lib/http";
import { defaultSettings } from "@/lib/settings";
import { createFirstAdminLink, createResetLink, inviteUser } from "./links/create-link";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const actor = { kind: "cli", label: "tests" } as const;
const password = "correct horse battery";
let count = 0;
const newEmail = () => `person${++count}@example.org`;

/** One server process over the real routes. */
async function server(signUp: "open" | "invitation" | "closed" = "open") {
  const secret = "s".repeat(48);
  const visitors = createVisitorCookies({ secret, isSecure: false });
  const settings = defaultSettings();
  const signIn = await createSignIn({
    db: database.db,
    env: { ARENA_SECRET: secret, HOST: "127.0.0.1", PORT: 3000 },
    isSecure: false,
    settings: { current: () => ({ ...settings, accounts: { ...settings.accounts, signUp } }) },
    visitors,
    logger: { info: vi.fn(), warn: vi.fn(), error: vi.fn() },
  });
  const app = Fastify({ trustProxy: true });
  app.setErrorHandler(handleApiError);
  app.addHook("onRequest", async (request) => requireSameOrigin(request));
  await app.register(signIn.routes);
  return { app, visitors, sessions: signIn.sessions };
}
type Server = Awaited<ReturnType<typeof server>>;

/** A browser: keeps its cookies, and comes from an address of its own. */
function browser({ app, sessions }: Server, address = `10.0.${++count}.1`) {
  const cookies = new Map<string, string>();
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  return {
    cookies,
    header,
    user: () => sessions.find(header()),
    async post(path: string, payload: object, headers: Record<string, string> = {}) {
      const response = await app.inject({
        method: "POST",
        url: path,
        payload,
        headers: {
          host: "127.0.0.1:3000",
          origin: "http://127.0.0.1:3000",
          "x-forwarded-for": address,
          cookie: header(),
          ...headers,
        },
      });
      for (const line of [response.headers["set-cookie"] ?? []].flat()) {
        const [pair = ""] = line.split(";");
        const [name = "", value = ""] = pair.split(/=(.*)/s);
        if (/max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const body = response.json() as { error?: { code: string } };
      return { status: response.statusCode, body, code: body.error?.code, headers: response.headers };
    },
  };
}

describe("signing up, in and out", () => {
  it("makes an account with a session that ends with the sign-out", async () => {
    const site = await server();
    const me = browser(site);
    const email = newEmail();
    const made = await me.post("/api/auth/sign-up", { email: email.toUpperCase(), name: "Ada", password });
    expect(made).toMatchObject({ status: 201, body: { name: "Ada", role: "user" } });
    expect(await me.user()).toMatchObject({ email, name: "Ada", role: "user" });
    const before = me.header();
    expect((await me.post("/api/auth/sign-out", {})).status).toBe(200);
    expect(await me.user()).toBeNull();
    // The cookie that somebody may have kept opens nothing either.
    expect(await site.sessions.find(before)).toBeNull();
    expect((await me.post("/api/auth/sign-in", { email, password })).status).toBe(200);
    expect(await me.user()).toMatchObject({ email });
  });

  it("sets a cookie that scripts cannot read and other sites do not send", async () => {
    const me = browser(await server());
    const { headers } = await me.post("/api/auth/sign-up", { email: newEmail(), name: "Ada", password });
    const [session] = [headers["set-cookie"] ?? []]
      .flat()
      .filter((line) => line.startsWith("arena.session_token"));
    expect(session).toMatch(/HttpOnly/i);
    expect(session).toMatch(/SameSite=Lax/i);
  });

  it("says the same of a wrong password and of an address that nobody has", async () => {
    const site = await server();
    const email = newEmail();
    await browser(site).post("/api/auth/sign-up", { email, name: "Ada", password });
    const wrong = await browser(site).post("/api/auth/sign-in", { email, password: "something else" });
    const nobody = await browser(site).post("/api/auth/sign-in", { email: newEmail(), password });
    expect(wrong.body).toEqual(nobody.body);
    expect([wrong.status, wrong.code]).toEqual([401, "invalid_credentials"]);
  });

  it("refuses a request from another site's page", async () => {
    const me = browser(await server());
    const body = { email: newEmail(), name: "Ada", password };
    expect((await me.post("/api/auth/sign-up", body, { origin: "https://evil.example" })).status).toBe(403);
  });
});

describe("links", () => {
  it("make one first administrator, however many open them at once", async () => {
    const site = await server("closed");
    const [one, two] = [
      await createFirstAdminLink(database.db, actor),
      await createFirstAdminLink(database.db, actor),
    ];
    const tries = await Promise.all(
      [one, two, two, two].map((link) =>
        browser(site).post("/api/auth/sign-up", {
          ...{ email: newEmail(), name: "Ada", password },
          invitation: link?.token,
        }),
      ),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 410, 410, 410]);
    expect(await database.db.user.count({ where: { role: "admin" } })).toBe(1);
    expect(await createFirstAdminLink(database.db, actor)).toBeNull();
  });

  it("open a site by invitation to those who have one, once, and keep it where the address is taken", async () => {
    const site = await server("invitation");
    const me = browser(site);
    const email = newEmail();
    const body = { email, name: "Ada", password };
    expect(await me.post("/api/auth/sign-up", body)).toMatchObject({ status: 403, code: "sign_up_closed" });
    const { token: invitation } = await inviteUser(database.db, actor, { role: "researcher" });
    expect((await me.post("/api/auth/sign-up", { ...body, invitation })).status).toBe(201);
    expect(await me.user()).toMatchObject({ role: "researcher" });
    const again = { ...body, invitation };
    expect((await browser(site).post("/api/auth/sign-up", again)).code).toBe("link_invalid");

    const other = await inviteUser(database.db, actor, { role: "user" });
    const taken = await browser(site).post("/api/auth/sign-up", { ...body, invitation: other.token });
    expect(taken).toMatchObject({ status: 409, code: "email_taken" });
    const free = { ...body, email: newEmail(), invitation: other.token };
    expect((await browser(site).post("/api/auth/sign-up", free)).status).toBe(201);
  });

  it("set a new password and end every session", async () => {
    const site = await server();
    const me = browser(site);
    const email = newEmail();
    await me.post("/api/auth/sign-up", { email, name: "Ada", password });
    const { token } = await createResetLink(database.db, actor, email);
    const body = { token, password: "another good password" };
    expect((await browser(site).post("/api/auth/reset-password", body)).status).toBe(200);
    expect(await me.user()).toBeNull();
    expect((await browser(site).post("/api/auth/reset-password", body)).code).toBe("link_invalid");
    expect((await me.post("/api/auth/sign-in", { email, password })).status).toBe(401);
    expect((await me.post("/api/auth/sign-in", { email, password: body.password })).status).toBe(200);
  });
});
