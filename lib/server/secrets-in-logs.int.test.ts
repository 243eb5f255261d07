import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJoinToken, createKey, createResetLink, inviteUser } from "@/lib/accounts";
import {
  type HostileSite,
  joinToken,
  password,
  type Sent,
  secret,
  startHostileSite,
} from "./testing/hostile-site";

let rig: HostileSite;
/** What stands for a secret, by what it is. No log may hold one. */
let canaries: Record<string, string>;

beforeAll(async () => {
  rig = await startHostileSite();
  const actor = { kind: "cli", label: "tests" } as const;
  const partOf = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);
  const key = await createKey(rig.db, { name: "canary", ownerLabel: "Lab" });
  const token = await createJoinToken(rig.db, { name: "canary" });
  const invitation = await inviteUser(rig.db, actor, { role: "user" });
  const reset = await createResetLink(rig.db, actor, rig.person("researcher").userId);
  canaries = {
    siteSecret: secret,
    environmentToken: joinToken,
    database: rig.database.url,
    password,
    newPassword: `canary-${randomUUID()}`,
    visitor: partOf(rig.visitor),
    session: decodeURIComponent(partOf(rig.person("admin").cookie)),
    sessionToken: decodeURIComponent(partOf(rig.person("admin").cookie)).split(".")[0] ?? "",
    key: key.secret,
    joinToken: token.secret,
    invitation: invitation.token,
    reset: reset.token,
    workerSecret: `canary-${randomUUID()}`,
    prompt: `canary ${randomUUID()}`,
  };
});
afterAll(() => rig.close());

const json = (body: object) => ({ type: "application/json", body: Buffer.from(JSON.stringify(body)) });

/** Every door that takes a secret, each with the secret that fits it. */
function requests(): Sent[] {
  const c = (name: string): string => canaries[name] ?? "";
  const { visitor, seeded } = rig;
  const admin = rig.person("admin").cookie;
  const bearer = (name: string) => ({ authorization: `Bearer ${c(name)}` });
  const email = "researcher@arena.example";
  const offer = {
    ...{ instanceId: randomUUID(), url: "http://127.0.0.1:9", engine: "mock", version: "1", device: "CPU" },
    slots: 1,
    models: [
      {
        ...{ name: "heron", displayName: "Heron", organization: null, licence: null },
        ...{ contextLength: 4096, capabilities: ["chat"] },
      },
    ],
  };
  const chat = { model: "heron", messages: [{ role: "user", content: c("prompt") }] };
  const battle = { prompt: c("prompt"), idempotencyKey: randomUUID() };
  const signUp = { name: "New", password: c("newPassword"), invitation: c("invitation") };
  const post = (path: string, body: object, headers = {}): Sent => ({
    ...{ method: "POST", path, headers, ...json(body) },
  });
  return [
    { method: "GET", path: "/api/history", headers: { cookie: visitor } },
    { method: "GET", path: "/api/admin/keys", headers: { cookie: admin } },
    { method: "GET", path: "/api/account/sessions", headers: { cookie: admin } },
    { method: "GET", path: "/v1/models", headers: bearer("key") },
    { method: "GET", path: "/api/usage", headers: bearer("key") },
    { method: "GET", path: `/api/battles/${seeded.battleId}/events`, headers: { cookie: visitor } },
    post("/api/battles", battle, { cookie: visitor }),
    post("/api/chat/conversations", { ...battle, model: "heron" }, { cookie: visitor }),
    post("/v1/chat/completions", chat, bearer("key")),
    post("/api/auth/sign-in", { email, password: c("password") }),
    post("/api/auth/sign-in", { email, password: c("newPassword") }),
    post("/api/auth/link", { token: c("invitation") }),
    post("/api/auth/sign-up", { ...signUp, email: `new-${randomUUID()}@arena.example` }),
    post("/api/auth/link", { token: c("reset") }),
    post("/api/auth/reset-password", { token: c("reset"), password: c("newPassword") }),
    post(
      "/api/account/password",
      { currentPassword: c("password"), newPassword: c("newPassword") },
      { cookie: admin },
    ),
    post("/api/workers", offer, bearer("joinToken")),
    post("/api/workers", offer, bearer("environmentToken")),
    post(`/api/workers/${seeded.workerId}/heartbeat`, { busySlots: 0 }, bearer("workerSecret")),
    post("/api/admin/keys", { name: "made", ownerLabel: "Lab" }, { cookie: admin }),
    post("/api/admin/people/invite", { role: "user" }, { cookie: admin }),
    post("/api/auth/sign-out", {}, { cookie: visitor }),
  ];
}

function expectNoSecret(): void {
  const text = rig.logged.join("");
  // As it is, and as an address or a JSON text has it.
  for (const [name, value] of Object.entries(canaries))
    for (const form of [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]) {
      expect(form.length).toBeGreaterThan(10);
      expect(text.includes(form), `the log tells: ${name}`).toBe(false);
    }
}

describe("the log, at its most talkative,", () => {
  it("tells no secret that a request brings or an answer gives", async () => {
    const statuses: number[] = [];
    for (const sent of requests()) {
      const answer = await rig.send(sent);
      statuses.push(answer.status);
      for (const [, made] of answer.text.matchAll(/"((?:sk|jt|al)-arena-[\w-]{55})"/g))
        canaries[`made by ${sent.path}`] = made ?? "";
      const link = /#(al-arena-[\w-]{55})/.exec(answer.text)?.[1];
      if (link !== undefined) canaries[`made by ${sent.path}`] = link;
    }
    // The doors open: else nothing behind them would have been asked to keep quiet.
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(10);
    expect(Object.keys(canaries)).toContain("made by /api/admin/keys");
    expect(Object.keys(canaries)).toContain("made by /api/admin/people/invite");
    expectNoSecret();
  });

  it("tells none where everything fails inside either", async () => {
    // Every query fails from now on, with what it was about to write in its hands.
    await rig.db.$executeRaw`ALTER SCHEMA public RENAME TO gone`;
    await rig.db.$executeRaw`CREATE SCHEMA public`;
    const already = rig.logged.length;
    const statuses: number[] = [];
    try {
      for (const sent of requests()) statuses.push((await rig.send(sent)).status);
    } finally {
      await rig.db.$executeRaw`DROP SCHEMA public CASCADE`;
      await rig.db.$executeRaw`ALTER SCHEMA gone RENAME TO public`;
    }
    expect(statuses.filter((status) => status >= 500).length).toBeGreaterThan(12);
    const told = rig.logged.slice(already).join("");
    expect(told.match(/request failed/g)?.length ?? 0).toBeGreaterThan(12);
    expect(told).toContain("does not exist");
    expectNoSecret();
  });
});
