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
});

describe("models", () => {
  it("change their stage and limits", async () => {
    const { db } = database;
    await db.model.create({ data: { id: uuidv7(), name: "demo", displayName: "Demo" } });
    const set = await admin("models set demo --stage experimental --max-concurrent 8 --priority=-2");
    expect(set.printed).toBe("demo is experimental, 8 at a time, priority -2; running servers know it.\n");
    await admin("models set demo --max-concurrent none");
    expect((await admin("models list --json")).json()).toMatchObject([
      { name: "demo", stage: "experimental", maxConcurrent: null, priority: -2 },
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
