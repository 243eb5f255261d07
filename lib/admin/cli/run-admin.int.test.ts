import { userInfo } from "node:os";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPostgresRegistry } from "@/lib/controller";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { runAdmin } from "./run-admin";

let database: TestDatabase;
const now = new Date("2026-03-01T12:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Runs a command line, split at spaces. */
async function admin(line: string) {
  let printed = "";
  let complaint = "";
  const code = await runAdmin(line === "" ? [] : line.split(" "), {
    findDatabase: async () => database.url,
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complaint += text;
    },
    now: () => now,
  });
  return { code, printed, complaint, json: () => JSON.parse(printed) };
}

describe("users", () => {
  it("are invited, listed, given a role, disabled and enabled again", async () => {
    const invited = await admin("users invite --role admin --expires 2d --json");
    expect(invited.json()).toEqual({
      link: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sign-up#al-arena-[0-9a-f]{12}[\w-]{43}$/),
      expiresAt: "2026-03-03T12:00:00.000Z",
    });
    const token = String(invited.json().link).split("#")[1] ?? "";
    const links = await database.db.accountLink.findMany();
    expect(links).toMatchObject([{ kind: "invitation", role: "admin", createdBy: userInfo().username }]);
    expect(JSON.stringify(links)).not.toContain(token);

    const [one, two] = [uuidv7(), uuidv7()];
    await database.db.user.createMany({
      data: [
        { id: one, email: "root@example.org", name: "Root", role: "admin" },
        { id: two, email: "ada@example.org", name: "Ada" },
      ],
    });
    expect((await admin("users set-role ada@example.org researcher")).printed).toBe(
      "ada@example.org is a researcher now.\n",
    );
    expect((await admin("users list --find ADA --json")).json()).toMatchObject([
      { id: two, role: "researcher", openSessions: 0, disabledAt: null },
    ]);
    expect((await admin("users disable ada@example.org")).code).toBe(0);
    expect((await admin("users list")).printed).toMatch(/ada@example\.org +Ada +researcher +disabled/);
    expect((await admin(`users enable ${two}`)).printed).toBe("ada@example.org may sign in again.\n");
    expect(await admin("users set-role root@example.org user")).toMatchObject({
      code: 1,
      complaint: "The site would be left without an administrator.\n",
    });
    expect(await admin("users disable nobody@example.org")).toMatchObject({ code: 1 });
    expect(await admin("users set-role ada@example.org king")).toMatchObject({ code: 2 });
    expect(await admin("users invite --expires never")).toMatchObject({ code: 2 });
  });

  it("get a link for a new password, the newest alone, and their sessions are ended", async () => {
    const id = uuidv7();
    await database.db.user.create({ data: { id, email: "grace@example.org", name: "Grace" } });
    const later = new Date(Date.now() + 60_000);
    await database.db.authSession.create({
      data: { id: uuidv7(), token: "t", userId: id, expiresAt: later },
    });
    for (let time = 0; time < 2; time += 1) await admin("users reset-link grace@example.org --json");
    const links = await database.db.accountLink.findMany({ where: { userId: id }, orderBy: { id: "asc" } });
    expect(links.map(({ revokedAt }) => revokedAt === null)).toEqual([false, true]);
    expect((await admin("users sessions revoke grace@example.org")).printed).toBe("1 ended.\n");
    expect(await database.db.authSession.count({ where: { userId: id } })).toBe(0);
    const lines = await database.db.auditEntry.findMany({ where: { targetId: id }, orderBy: { id: "asc" } });
    expect(lines.map(({ action }) => action)).toEqual([
      "user.reset_link",
      "user.reset_link",
      "session.revoke",
    ]);
  });
});

describe("keys", () => {
  it("are made, listed, changed and revoked", async () => {
    const made = await admin(
      "keys create --owner lab --name thesis --models demo-*,gpt --endpoints chat,models --tokens-per-day 1_000_000 --expires 30d --json",
    );
    expect(made).toMatchObject({ code: 0, complaint: "" });
    const key = made.json();
    expect(key).toMatchObject({
      ownerLabel: "lab",
      name: "thesis",
      models: ["demo-*", "gpt"],
      endpoints: ["chat", "models"],
      tokensPerDay: 1_000_000,
      requestsPerDay: null,
      allowExperimental: false,
      expiresAt: "2026-03-31T12:00:00.000Z",
      secret: expect.stringMatching(/^sk-arena-[0-9a-f]{12}[\w-]{43}$/),
    });
    expect(key).not.toHaveProperty("hash");

    const changed = await admin(
      `keys set ${key.prefix} --models all --tokens-per-day none --requests-per-minute 60 --experimental yes --expires never --json`,
    );
    expect(changed.json()).toMatchObject({
      models: [],
      endpoints: ["chat", "models"],
      tokensPerDay: null,
      requestsPerMinute: 60,
      allowExperimental: true,
      expiresAt: null,
    });

    const { printed } = await admin("keys list --owner lab");
    expect(printed).toMatch(
      new RegExp(`${key.prefix}  lab +thesis +valid +all \\+ experimental +chat,models +60 requests/min`),
    );
    expect(printed).not.toContain(key.secret.slice(21));
    expect((await admin("keys list --owner nobody --json")).json()).toEqual([]);

    expect((await admin(`keys revoke ${key.id}`)).printed).toBe(`${key.prefix} is revoked.\n`);
    expect((await admin("keys list")).printed).toContain("revoked");
  });

  it("are rotated: another with the same settings, and the old one ends after the overlap", async () => {
    const old = (await admin("keys create --owner lab --name rotated --requests-per-day 9 --json")).json();
    const next = (await admin(`keys rotate ${old.prefix} --overlap 12h --json`)).json();
    expect(next).toMatchObject({ ownerLabel: "lab", name: "rotated", requestsPerDay: 9, expiresAt: null });
    expect([next.prefix === old.prefix, next.secret.slice(0, 9)]).toEqual([false, "sk-arena-"]);
    const { expiresAt } = await database.db.apiKey.findUniqueOrThrow({ where: { prefix: old.prefix } });
    expect(Math.abs((expiresAt?.getTime() ?? 0) - Date.now() - 12 * 3_600_000)).toBeLessThan(60_000);
    await admin(`keys revoke ${next.prefix}`);
    expect(await admin(`keys rotate ${next.prefix}`)).toMatchObject({
      ...{ code: 2, complaint: "This key is revoked.\n" },
    });
  });

  it("are shown once, in words that say so", async () => {
    const { printed } = await admin("keys create --owner lab --name once");
    expect(printed).toMatch(/^sk-arena-\S{55}\n\nThis is the key\. .* cannot be shown again/);
  });
});

describe("join tokens", () => {
  it("are made, listed and revoked with their workers", async () => {
    const made = await admin("join-tokens create --name gpu-box --models lab-* --pool lab --json");
    const token = made.json();
    expect(token).toMatchObject({
      models: ["lab-*"],
      pool: "lab",
      secret: expect.stringMatching(/^jt-arena-/),
    });
    const offer = {
      instanceId: uuidv7(),
      url: "http://10.0.0.7:8000",
      engine: "mock" as const,
      version: "1",
      device: "NVIDIA H100",
      slots: 4,
      pool: "lab",
      models: [],
      joinTokenId: token.id,
    };
    await createPostgresRegistry(database.db).register(offer, now.getTime());

    const workers = await admin("workers list");
    expect(workers.printed).toMatch(/NVIDIA H100 +mock 1 +lab .* 0\/4 .* 0 s ago +http:\/\/10\.0\.0\.7:8000/);
    expect((await admin("workers list --json")).json()).toMatchObject([{ joinToken: token.prefix }]);
    expect((await admin("join-tokens list")).printed).toMatch(/gpu-box +valid +lab-\* +lab +1 /);

    expect((await admin(`join-tokens revoke ${token.prefix} --drop-workers`)).printed).toBe(
      `${token.prefix} is revoked. Workers dropped: 1.\n`,
    );
    expect((await admin("workers list --json")).json()).toEqual([]);
    expect((await admin("workers list --all")).printed).toContain("left");
  });

  it("are rotated with their patterns and pool, while the old one ends by itself", async () => {
    const old = (await admin("join-tokens create --name box-8 --models lab-* --pool lab --json")).json();
    const next = (await admin(`join-tokens rotate ${old.prefix} --overlap 0 --json`)).json();
    expect(next).toMatchObject({ name: "box-8", models: ["lab-*"], pool: "lab", revokedAt: null });
    expect((await admin("join-tokens list --json")).json()).toMatchObject([
      { prefix: next.prefix, expiresAt: null },
      { prefix: old.prefix, expiresAt: next.oldEndsAt },
      {},
    ]);
    const said = await admin(`join-tokens rotate ${next.prefix}`);
    expect(said.printed).toMatch(/^jt-arena-\S{55}\n\nGive it to workers as ARENA_JOIN_TOKEN/);
  });
});

describe("queues", () => {
  it("tell what waits and runs, and how long answers took", async () => {
    const { db } = database;
    const at = new Date();
    const counts = { waiting: 3, running: 2, answered: 0, failed: 0, clockMs: 4_000 };
    await db.serverSample.create({ data: { serverId: uuidv7(), at, ...counts } });
    await db.usageRecord.create({
      data: {
        ...{ id: uuidv7(), at, caller: "loopback", model: "heron", endpoint: "chat", status: 200 },
        ...{ outcome: "ok", queueWaitMs: 12, firstByteMs: 80, totalMs: 1_500, requestId: "r" },
      },
    });
    const { printed } = await admin("queues");
    expect(printed).toContain("3 wait, 2 run, on 1 servers.\n");
    expect(printed).toContain("Clocks that are off: 1, the worst by 4000 ms.");
    expect(printed).toMatch(/heron +1 +0 +12 +12 +80 +80 +1500 +1500/);
    expect((await admin("queues --json")).json()).toMatchObject({
      now: { waiting: 3 },
      models: [{ answers: 1 }],
    });
  });
});

describe("models", () => {
  it("change their stage and limits", async () => {
    const { db } = database;
    await db.model.create({ data: { id: uuidv7(), name: "demo", displayName: "Demo" } });
    const set = await admin(
      "models set demo --stage experimental --max-concurrent 8 --tokens-per-minute 90_000 --priority=-2",
    );
    expect(set.printed).toBe(
      "demo is experimental, 8 at a time and 90000 tokens a minute, priority -2; running servers know it.\n",
    );
    await admin("models set demo --max-concurrent none");
    expect((await admin("models list --json")).json()).toMatchObject([
      { name: "demo", stage: "experimental", maxConcurrent: null, tokensPerMinute: 90_000, priority: -2 },
    ]);
    expect(await admin("models set other --stage public")).toMatchObject({
      code: 1,
      complaint: 'There is no model named "other".\n',
    });
  });
});

describe("usage", () => {
  it("is a table, CSV or JSON", async () => {
    const { db } = database;
    await db.usageDay.create({
      data: {
        day: new Date("2026-02-28"),
        caller: "loopback",
        model: "demo",
        endpoint: "chat",
        requests: 3n,
        errors: 1n,
        promptTokens: 5_000_000_000n,
        cachedTokens: 0n,
        completionTokens: 7n,
      },
    });
    expect((await admin("usage")).printed).toMatch(/2026-02-28 +- +loopback +demo +chat +3 +1 +5000000000/);
    expect((await admin("usage --csv")).printed.split("\r\n")[1]).toBe(
      "2026-02-28,,loopback,,demo,chat,3,1,5000000000,0,7",
    );
    expect((await admin("usage --to 2026-02-27 --json")).json()).toEqual([]);
  });
});

describe("pages", () => {
  it("that visitors have published are listed and taken down, with a line in the audit log", async () => {
    const { db } = database;
    const visitorId = uuidv7();
    await db.visitor.create({ data: { id: visitorId } });
    const model = await db.model.create({ data: { id: uuidv7(), name: "stork", displayName: "Stork" } });
    const chat = { id: uuidv7(), visitorId, idempotencyKey: uuidv7(), title: "Sums", modelId: model.id };
    await db.conversation.create({ data: chat });
    const token = "t".repeat(32);
    const message = { role: "user", text: "17 * 23?", images: 0 };
    const content = { kind: "chat", title: "Sums", createdAt: now.toISOString(), messages: [message] };
    await db.share.create({ data: { id: uuidv7(), token, visitorId, conversationId: chat.id, content } });
    expect((await admin("pages list")).printed).toMatch(new RegExp(`/s/${token} +chat .* Sums`));
    expect(await admin(`pages unpublish ${token}`)).toMatchObject({ code: 2 });
    const done = await admin(`pages unpublish https://arena.example/s/${token} --note harmful`);
    expect(done.printed).toBe(`/s/${token} is down.\n`);
    expect((await admin("pages list --json")).json()).toEqual([]);
    expect((await admin("audit list --action share. --json")).json()).toMatchObject([
      { action: "share.unpublish", targetId: token, details: { reason: "harmful" } },
    ]);
    expect(await admin(`pages unpublish ${token} --note again`)).toMatchObject({ code: 1 });
  });
});

describe("the command line", () => {
  it("explains itself", async () => {
    const all = await admin("");
    expect(all.code).toBe(0);
    for (const name of ["keys create", "join-tokens revoke", "models set", "workers list", "usage"]) {
      expect(all.printed).toContain(name);
    }
    const one = await admin("keys set --help");
    expect(one.printed).toContain("keys set KEY");
    expect(one.printed).not.toContain("join-tokens");
  });

  it.each([
    ["keys", 2, "There is no command"],
    ["keys revoke", 2, "takes KEY"],
    ["keys list extra", 2, "takes nothing"],
    ["keys create --owner lab", 2, "name"],
    ["keys create --owner lab --name x --colour red", 2, "--colour"],
    ["keys create --owner lab --name x --requests-per-day many", 2, "requests-per-day"],
    ["keys create --owner lab --name x --requests-per-day 0", 2, "requestsPerDay"],
    ["keys create --owner lab --name x --endpoints admin", 2, "endpoints"],
    ["keys create --owner lab --name x --expires 2020-01-01", 2, "past"],
    ["keys create --owner lab --name x --expires soon", 2, "expires"],
    ["keys revoke sk-arena-000000000000", 1, "There is no API key"],
    ["models set demo", 2, "Nothing was given"],
    ["models set demo --stage hidden", 2, "stage"],
    ["usage --from yesterday", 2, "from"],
  ])("refuses %j with exit code %d and says why", async (line, code, words) => {
    const result = await admin(line);
    expect([result.code, result.printed]).toEqual([code, ""]);
    expect(result.complaint).toContain(words);
  });

  it("says when no site runs", async () => {
    let complaint = "";
    const code = await runAdmin(["keys", "list"], {
      findDatabase: async () => {
        throw new AppError("database_unavailable", { message: "No Chat Arena runs." });
      },
      print: () => undefined,
      complain: (text) => {
        complaint += text;
      },
    });
    expect([code, complaint]).toEqual([1, "No Chat Arena runs.\n"]);
  });
});
