import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createFirstAdminLink, createResetLink, inviteUser } from "./links/create-link";
import {
  testBrowser as browser,
  newEmail,
  testPassword as password,
  signInServer,
} from "./testing/sign-in-server";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const actor = { kind: "cli", label: "tests" } as const;
const server = (signUp?: "open" | "invitation" | "closed") => signInServer(database.db, { signUp });

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
    const email = await me.signUp();
    const [session] = (await me.signIn(email)).setCookies;
    expect(session).toMatch(/^arena\.session_token=[^;]+;.*HttpOnly; SameSite=Lax/i);
    expect(session).not.toMatch(/Secure/);
    const behindTls = browser(await signInServer(database.db, { isSecure: true }));
    const [secure] = (await behindTls.signIn(email)).setCookies;
    expect(secure).toMatch(/^__Secure-arena\.session_token=[^;]+;.*Secure/);
    expect(await behindTls.user()).toMatchObject({ email });
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

  it("gives each sign-in a session of its own, and ends the one that the browser had", async () => {
    const site = await server();
    const me = browser(site);
    const email = await me.signUp();
    const before = me.header();
    await me.signIn(email);
    expect(me.header()).not.toBe(before);
    expect(await site.sessions.find(before)).toBeNull();
    expect(await me.user()).toMatchObject({ email });
  });

  it("believes no cookie that it has not signed", async () => {
    const site = await server();
    const me = browser(site);
    await me.signUp();
    const { token } = await database.db.authSession.findFirstOrThrow({ orderBy: { createdAt: "desc" } });
    for (const value of [token, `${token}.`, `${token}.AAAA`, ".", "\0.x", `${token}.${"A".repeat(43)}=`]) {
      expect(await site.sessions.find(`arena.session_token=${encodeURIComponent(value)}`)).toBeNull();
    }
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
