import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { changeSettings, createSettings, defaultSettings, readSettings, settingsHistory } from ".";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const actor = { kind: "cli", label: "tests" } as const;
const notExpected = (): never => {
  throw new Error("No stored section is at fault here.");
};

describe("the site's settings", () => {
  it("are the defaults until somebody changes them, and every change stays in the history and the audit log", async () => {
    const { db } = database;
    expect(await readSettings(db, notExpected)).toEqual(defaultSettings());
    await changeSettings(db, actor, "pacing", { charsPerSecond: 120 });
    await changeSettings(db, actor, "pacing", { charsPerSecond: 80 });
    expect((await readSettings(db, notExpected)).pacing).toEqual({ charsPerSecond: 80 });
    const history = await settingsHistory(db, "pacing");
    expect(history.map(({ value }) => value)).toEqual([{ charsPerSecond: 80 }, { charsPerSecond: 120 }]);
    expect(await listAudit(db, { action: "settings." })).toMatchObject([
      {
        action: "settings.change",
        targetId: "pacing",
        actorLabel: "tests",
        details: { value: { charsPerSecond: 80 } },
      },
      { details: { value: { charsPerSecond: 120 } } },
    ]);
  });

  it("refuse what is not valid, by field, and change nothing", async () => {
    const { db } = database;
    const before = await settingsHistory(db, "pacing");
    await expect(changeSettings(db, actor, "pacing", { charsPerSecond: 1 })).rejects.toMatchObject({
      code: "invalid_request",
      param: "charsPerSecond",
    });
    await expect(changeSettings(db, actor, "pacing", { speed: 9 })).rejects.toMatchObject({ param: "speed" });
    expect(await settingsHistory(db, "pacing")).toEqual(before);
  });

  it("reach every server at once", async () => {
    const { db, url } = database;
    const logger = { warn: vi.fn() };
    const servers = [1, 2].map(() => createSettings({ db, databaseUrl: url, logger }));
    try {
      await Promise.all(servers.map((server) => server.start()));
      await changeSettings(db, actor, "pacing", { charsPerSecond: 333 });
      await vi.waitFor(
        () => expect(servers.map((server) => server.current().pacing.charsPerSecond)).toEqual([333, 333]),
        { timeout: 10_000, interval: 20 },
      );
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });

  it("fall back to a section's defaults where what is stored is not understood, and say so", async () => {
    const { db } = database;
    await db.siteSetting.create({
      data: { section: "pacing", value: { charsPerSecond: "fast" }, changedBy: "sql" },
    });
    const faults: string[] = [];
    const settings = await readSettings(db, (section) => faults.push(section));
    expect(settings.pacing).toEqual(defaultSettings().pacing);
    expect(faults).toEqual(["pacing"]);
  });
});
