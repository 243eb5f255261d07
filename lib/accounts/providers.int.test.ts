import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type OidcProvider, startOidcProvider } from "./testing/oidc-provider";
import { newEmail, signInServer, testBrowser } from "./testing/sign-in-server";
import { disableUser } from "./users/disable-user";

let database: TestDatabase;
let provider: OidcProvider;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  provider = await startOidcProvider({
    sub: newEmail(),
    email: newEmail(),
    email_verified: true,
    name: "Ada",
  });
});
afterEach(() => provider.close());

const server = (signUp: "open" | "invitation" = "open") =>
  signInServer(database.db, {
    signUp,
    env: {
      ARENA_PUBLIC_URL: "http://127.0.0.1:3000",
      ARENA_OIDC_ISSUER: provider.issuer,
      ARENA_OIDC_CLIENT_ID: "arena",
      ARENA_OIDC_CLIENT_SECRET: "secret",
    },
  });

type Browser = ReturnType<typeof testBrowser>;

/** To the provider and back; gives the page on which it ends. */
async function viaProvider(browser: Browser, isLink = false): Promise<string> {
  const sent = await browser.post("/api/auth/provider", { provider: "oidc", isLink });
  expect(sent.status).toBe(200);
  const back = await browser.get(provider.consent(String(sent.body["url"])));
  expect(back.status).toBe(303);
  return String(back.headers.location);
}

describe("signing in by an OpenID Connect provider", () => {
  it("makes an account the first time and finds it the next, and keeps none of the provider's tokens", async () => {
    const site = await server();
    const me = testBrowser(site);
    expect(await viaProvider(me)).toBe("/");
    const user = await me.user();
    expect(user).toMatchObject({ email: provider.person.email, name: "Ada", role: "user" });
    const again = testBrowser(site);
    await viaProvider(again);
    expect(await again.user()).toEqual(user);
    const accounts = await database.db.authAccount.findMany({ where: { userId: user?.id } });
    expect(await listAudit(database.db, { targetId: user?.id })).toMatchObject([{ action: "user.sign_up" }]);
    expect(accounts).toMatchObject([
      { providerId: "oidc", accessToken: null, refreshToken: null, idToken: null },
    ]);
  });

  it("takes along what the browser's visitor did", async () => {
    const site = await server();
    const me = testBrowser(site);
    const { visitorId, setCookie } = site.visitors.create();
    await database.db.visitor.create({ data: { id: visitorId } });
    me.keep(setCookie);
    await viaProvider(me);
    const { id } = (await me.user()) ?? {};
    expect(await database.db.visitor.findUnique({ where: { id: visitorId } })).toMatchObject({
      mergedIntoId: id,
    });
    expect(me.header()).not.toContain("visitor=");
  });

  it("does not hand an account to whoever has its address at the provider", async () => {
    const site = await server();
    const owner = testBrowser(site);
    const email = await owner.signUp();
    provider.person = { ...provider.person, email };
    const other = testBrowser(site);
    expect(await viaProvider(other)).toContain("/sign-in?problem=provider_failed");
    expect(await other.user()).toBeNull();
    // The owner may link it, and comes in both ways from then on.
    expect(await viaProvider(owner, true)).toBe("/account");
    await viaProvider(other);
    expect(await other.user()).toEqual(await owner.user());
    expect((await owner.call("DELETE", "/api/account/providers/oidc")).status).toBe(200);
  });

  it("leaves an account its last way in", async () => {
    const me = testBrowser(await server());
    await viaProvider(me);
    const refused = await me.call("DELETE", "/api/account/providers/oidc");
    expect([refused.status, refused.code]).toEqual([409, "last_login"]);
  });

  it("makes no account where the site is by invitation, and opens none that is disabled; both say why", async () => {
    const me = testBrowser(await server("invitation"));
    expect(await viaProvider(me)).toContain("error=sign_up_closed");
    expect(await me.user()).toBeNull();
    expect(await database.db.user.count({ where: { email: provider.person.email } })).toBe(0);

    await viaProvider(testBrowser(await server()));
    await disableUser(database.db, { kind: "cli", label: "tests" }, provider.person.email);
    expect(await viaProvider(me)).toContain("error=account_disabled");
    expect(await me.user()).toBeNull();
  });

  it("refuses an answer that was not asked for, and a provider that the site does not have", async () => {
    const me = testBrowser(await server());
    const sent = await me.post("/api/auth/provider", { provider: "oidc" });
    const back = provider.consent(String(sent.body["url"]));
    // Another browser, without the cookie that began it: a link that somebody sends around.
    const victim = testBrowser(await server());
    expect(String((await victim.get(back)).headers.location)).toContain("/sign-in");
    expect(await victim.user()).toBeNull();
    expect((await me.post("/api/auth/provider", { provider: "github" })).status).toBe(404);
  });

  it("still lets people sign in by password while the provider is away", async () => {
    await provider.close();
    const me = testBrowser(await server());
    await me.signUp();
    expect(await me.user()).not.toBeNull();
    expect((await me.post("/api/auth/provider", { provider: "oidc" })).status).toBe(404);
  });
});
