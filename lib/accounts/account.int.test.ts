import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { accountSchema, keyListSchema, newOwnKeySchema, sessionListSchema } from "@/lib/protocol";
import { defaultSettings } from "@/lib/settings";
import { inviteUser } from "./links/create-link";
import { createTestServer } from "./test-support";
import {
  newEmail,
  type SignInServer,
  signInServer,
  testBrowser,
  testPassword,
} from "./testing/sign-in-server";
import { disableUser, enableUser } from "./users/disable-user";
import { setUserRole } from "./users/set-role";

let database: TestDatabase;
let site: SignInServer;
beforeAll(async () => {
  database = await createTestDatabase();
  site = await signInServer(database.db);
});
afterAll(() => database.drop());

const actor = { kind: "cli", label: "tests" } as const;
const settings = defaultSettings();

async function signedUp() {
  const me = testBrowser(site);
  const email = await me.signUp();
  const { id } = (await me.user()) ?? { id: "" };
  return { me, email, id };
}

async function admin() {
  const me = testBrowser(site);
  const { token } = await inviteUser(database.db, actor, { role: "admin" });
  const email = newEmail();
  await me.post("/api/auth/sign-up", { email, name: "Root", password: testPassword, invitation: token });
  return { me, email };
}

describe("/api/account", () => {
  it.each([
    ["GET", "/api/account"],
    ["PATCH", "/api/account"],
    ["DELETE", "/api/account"],
    ["POST", "/api/account/password"],
    ["DELETE", "/api/account/providers/github"],
    ["GET", "/api/account/sessions"],
    ["DELETE", "/api/account/sessions"],
    ["DELETE", "/api/account/sessions/018f0000-0000-7000-8000-000000000001"],
    ["GET", "/api/account/keys"],
    ["POST", "/api/account/keys"],
    ["DELETE", "/api/account/keys/018f0000-0000-7000-8000-000000000001"],
    ["GET", "/api/account/usage"],
  ] as const)("%s %s is for those who are signed in", async (method, url) => {
    const answer = await testBrowser(site).call(method, url, method === "GET" ? undefined : {});
    expect([answer.status, answer.code]).toEqual([401, "sign_in_required"]);
  });

  it("changes the name, and nothing that is not named", async () => {
    const { me, email } = await signedUp();
    const changed = await me.call("PATCH", "/api/account", { name: " Grace " });
    expect(accountSchema.parse(changed.body)).toMatchObject({ name: "Grace", email, hasPassword: true });
    expect((await me.call("PATCH", "/api/account", { name: "Grace", role: "admin" })).status).toBe(400);
    expect(await me.user()).toMatchObject({ role: "user" });
  });

  it("changes the password of whoever knows it, and ends all other sessions", async () => {
    const { me, email } = await signedUp();
    const other = testBrowser(site);
    await other.signIn(email);
    const newPassword = "a brand new password";
    const wrong = await me.post("/api/account/password", { currentPassword: "not this one", newPassword });
    expect([wrong.status, wrong.code]).toEqual([401, "invalid_credentials"]);
    const missing = await me.post("/api/account/password", { newPassword });
    expect(missing.code).toBe("invalid_credentials");
    const short = await me.post("/api/account/password", {
      currentPassword: testPassword,
      newPassword: "short",
    });
    expect(short.status).toBe(400);
    const done = await me.post("/api/account/password", { currentPassword: testPassword, newPassword });
    expect(done.status).toBe(200);
    expect(await me.user()).not.toBeNull();
    expect(await other.user()).toBeNull();
    expect((await other.signIn(email)).status).toBe(401);
    expect((await other.signIn(email, newPassword)).status).toBe(200);
  });

  it("shows where one is signed in, ends one session or all others, and never somebody else's", async () => {
    const { me, email } = await signedUp();
    const [second, third] = [testBrowser(site), testBrowser(site)];
    for (const browser of [second, third]) await browser.signIn(email);
    const list = async () => sessionListSchema.parse((await me.get("/api/account/sessions")).body).sessions;
    const sessions = await list();
    expect(sessions).toHaveLength(3);
    expect(sessions.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    // Nothing that is shown could be used to sign in.
    const tokens = (await database.db.authSession.findMany()).map(({ token }) => token);
    const shown = (await me.get("/api/account/sessions")).text;
    for (const token of tokens) expect(shown).not.toContain(token);

    const stranger = (await signedUp()).me;
    const url = `/api/account/sessions/${sessions[0]?.id}`;
    expect((await stranger.call("DELETE", url)).status).toBe(404);
    expect(await third.user()).not.toBeNull();
    expect((await me.call("DELETE", url)).status).toBe(200);
    expect(await third.user()).toBeNull();
    await me.call("DELETE", "/api/account/sessions");
    expect(await second.user()).toBeNull();
    expect(await me.user()).not.toBeNull();
    expect(await list()).toHaveLength(1);
  });

  it("deletes the account with all that is its own, and leaves its votes' voter", async () => {
    const { me, email, id } = await signedUp();
    await database.db.visitor.create({ data: { id } });
    const created = newOwnKeySchema.parse((await me.post("/api/account/keys", { name: "mine" })).body);
    expect((await me.call("DELETE", "/api/account", { confirmation: "not my password" })).status).toBe(401);
    expect((await me.call("DELETE", "/api/account", { confirmation: testPassword })).status).toBe(200);
    expect(await me.user()).toBeNull();
    expect((await me.signIn(email)).status).toBe(401);
    expect(site.forgotten).toContain(id);
    expect(await database.db.visitor.count({ where: { id } })).toBe(1);
    expect(await database.db.apiKey.findUnique({ where: { id: created.key.id } })).toMatchObject({
      revokedAt: expect.any(Date),
      ownerLabel: "deleted account",
    });
    const [line] = await listAudit(database.db, { action: "user.delete" });
    expect(line).toMatchObject({ targetId: id, actorLabel: "deleted account" });
    // The address is free again.
    await testBrowser(site).signUp(email);
  });
});

describe("roles", () => {
  it("count from the next request on, and are written down", async () => {
    const { me, email, id } = await signedUp();
    await expect(site.sessions.require(me.header(), "moderator")).rejects.toMatchObject({
      code: "forbidden",
    });
    await setUserRole(database.db, actor, email, "moderator", settings);
    expect(await site.sessions.require(me.header(), "moderator")).toMatchObject({ role: "moderator" });
    await setUserRole(database.db, actor, id, "user", settings);
    await expect(site.sessions.require(me.header(), "moderator")).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(site.sessions.require(undefined, "user")).rejects.toMatchObject({
      code: "sign_in_required",
    });
    expect(await listAudit(database.db, { action: "user.set_role", targetId: id })).toMatchObject([
      { details: { from: "moderator", to: "user" } },
      { details: { from: "user", to: "moderator" } },
    ]);
  });

  it("leave the site an administrator, whatever happens at once", async () => {
    await database.db.user.updateMany({ where: { role: "admin" }, data: { role: "user" } });
    const [one, two] = [await admin(), await admin()];
    const results = await Promise.allSettled([
      setUserRole(database.db, actor, one.email, "user", settings),
      disableUser(database.db, actor, two.email),
      two.me.call("DELETE", "/api/account", { confirmation: testPassword }),
    ]);
    expect(results).toHaveLength(3);
    expect(await database.db.user.count({ where: { role: "admin", disabledAt: null } })).toBe(1);
  });
});

describe("a disabled account", () => {
  it("is signed out, cannot sign in, and its keys open nothing", async () => {
    const { me, email } = await signedUp();
    const { secret } = newOwnKeySchema.parse((await me.post("/api/account/keys", { name: "mine" })).body);
    const api = createTestServer(database.db, database.url);
    await api.accounts.start();
    try {
      expect(await api.callerOf(secret)).toMatchObject({ ownerLabel: email });
      await disableUser(database.db, actor, email);
      expect(await me.user()).toBeNull();
      const refused = await me.signIn(email);
      expect([refused.status, refused.code]).toEqual([403, "account_disabled"]);
      const other = createTestServer(database.db, database.url);
      await expect(other.callerOf(secret)).rejects.toMatchObject({ code: "invalid_api_key" });
      await other.accounts.close();
      await enableUser(database.db, actor, email);
      expect((await me.signIn(email)).status).toBe(200);
    } finally {
      await api.accounts.close();
    }
  });
});

describe("one's own keys", () => {
  it("have what was asked for, as much as the role allows, and never more", async () => {
    const { me, email, id } = await signedUp();
    const caps = settings.accounts.keys.user;
    const made = await me.post("/api/account/keys", {
      ...{ name: "thesis", models: ["demo-*"], endpoints: ["chat"], expiresInDays: 30 },
      budgets: { requestsPerDay: 10 },
    });
    expect(made.status).toBe(201);
    const { key, secret } = newOwnKeySchema.parse(made.body);
    expect(key.budgets).toMatchObject({ requestsPerDay: 10, tokensPerDay: caps.tokensPerDay });
    expect(secret.startsWith(key.prefix)).toBe(true);
    const row = await database.db.apiKey.findUniqueOrThrow({ where: { id: key.id } });
    expect(row).toMatchObject({ ownerId: id, ownerLabel: email, allowExperimental: false });

    const tooMuch = await me.post("/api/account/keys", { name: "more", budgets: { requestsPerDay: 2_001 } });
    expect(tooMuch).toMatchObject({ status: 400, body: { error: { param: "budgets.requestsPerDay" } } });
    expect((await me.post("/api/account/keys", { name: "x", allowExperimental: true })).status).toBe(400);
    expect((await me.get("/api/account/keys")).text).not.toContain(secret);
  });

  it("are at most so many, also when they are made at once", async () => {
    const { me } = await signedUp();
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) => me.post("/api/account/keys", { name: `key ${index}` })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 409, 409, 409]);
    const { keys } = keyListSchema.parse((await me.get("/api/account/keys")).body);
    await me.call("DELETE", `/api/account/keys/${keys[0]?.id}`);
    expect((await me.post("/api/account/keys", { name: "after one is revoked" })).status).toBe(201);
  });

  it("are nobody else's to see or to revoke", async () => {
    const { me } = await signedUp();
    const { key } = newOwnKeySchema.parse((await me.post("/api/account/keys", { name: "mine" })).body);
    const stranger = (await signedUp()).me;
    expect(keyListSchema.parse((await stranger.get("/api/account/keys")).body).keys).toEqual([]);
    expect((await stranger.call("DELETE", `/api/account/keys/${key.id}`)).status).toBe(404);
    const revoked = keyListSchema.parse((await me.call("DELETE", `/api/account/keys/${key.id}`)).body);
    expect(revoked.keys[0]?.revokedAt).not.toBeNull();
  });

  it("keep no more than a lower role allows", async () => {
    const { me, email } = await signedUp();
    await setUserRole(database.db, actor, email, "researcher", settings);
    const made = await me.post("/api/account/keys", { name: "big", budgets: { requestsPerDay: 40_000 } });
    expect(made.status).toBe(201);
    await setUserRole(database.db, actor, email, "user", settings);
    const { keys } = keyListSchema.parse((await me.get("/api/account/keys")).body);
    expect(keys[0]?.budgets.requestsPerDay).toBe(settings.accounts.keys.user.requestsPerDay);
  });

  it("tell their owner what they have used, by day and model, and as CSV", async () => {
    const { me } = await signedUp();
    const { key } = newOwnKeySchema.parse((await me.post("/api/account/keys", { name: "=mine" })).body);
    const counts = { requests: 3n, errors: 1n, promptTokens: 10n, cachedTokens: 0n, completionTokens: 7n };
    const day = new Date("2026-03-01T00:00:00Z");
    const at = { day, model: "heron", endpoint: "chat" };
    await database.db.usageDay.createMany({
      data: [
        { ...at, ...counts, caller: key.id },
        { ...at, ...counts, caller: "018f0000-0000-7000-8000-00000000000a" },
      ],
    });
    const range = "from=2026-02-28&to=2026-03-02";
    expect((await me.get(`/api/account/usage?${range}`)).body).toEqual({
      from: "2026-02-28",
      to: "2026-03-02",
      rows: [
        {
          ...{ day: "2026-03-01", keyPrefix: key.prefix, keyName: "=mine", model: "heron", endpoint: "chat" },
          ...{ requests: 3, errors: 1, promptTokens: 10, cachedTokens: 0, completionTokens: 7 },
        },
      ],
    });
    const csv = await me.get(`/api/account/usage?${range}&format=csv`);
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.text.split("\r\n")).toHaveLength(3);
    expect(csv.text).toContain("'=mine");
    const empty = await (await signedUp()).me.get(`/api/account/usage?${range}`);
    expect(empty.body).toMatchObject({ rows: [] });
    expect((await me.get("/api/account/usage?from=yesterday")).status).toBe(400);
  });
});
