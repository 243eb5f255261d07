import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, createDatabase } from "@/lib/db";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { WorkerStore } from "../ports";
import { createTestController, offeredModel, registration, testJoinToken } from "../test-support";
import { createPostgresRegistry } from "./postgres-registry";

let database: TestDatabase;
let store: WorkerStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresRegistry(database.db);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
});

describe("createPostgresRegistry", () => {
  it("gives back what was registered", async () => {
    const request = registration("http://127.0.0.1:9", {
      slots: 7,
      models: [offeredModel("x"), offeredModel("y")],
    });
    const record = await store.register(request, 1_000);
    expect(record).toMatchObject({ ...request, registeredAt: 1_000, heartbeatAt: 1_000, leftAt: null });
    expect(await store.list(0)).toEqual([record]);
  });

  it("keeps the id of an instance and gives it a new life", async () => {
    const request = registration("http://127.0.0.1:9");
    const first = await store.register(request, 1_000);
    await store.heartbeat(first.id, { busySlots: 3, queued: 2, tokensPerSecond: 9.5 }, 1_500);
    await store.leave(first.id, 1_600);
    const again = await store.register({ ...request, url: "http://127.0.0.1:10", slots: 2 }, 2_000);
    expect(again).toMatchObject({
      id: first.id,
      url: "http://127.0.0.1:10",
      slots: 2,
      busySlots: 0,
      queued: 0,
      tokensPerSecond: null,
      registeredAt: 2_000,
      leftAt: null,
    });
    expect(await store.list(0)).toHaveLength(1);
  });

  it("closes the row of an older instance at the same address", async () => {
    const old = await store.register(registration("http://127.0.0.1:9"), 1_000);
    const young = await store.register(registration("http://127.0.0.1:9"), 2_000);
    const rows = await store.list(0);
    expect(rows.find(({ id }) => id === old.id)?.leftAt).toBe(2_000);
    expect(rows.find(({ id }) => id === young.id)?.leftAt).toBeNull();
  });

  it("leaves the row of another token's worker at the same address open", async () => {
    const url = "http://127.0.0.1:9";
    const token = "019a0000-0000-7000-8000-0000000000aa";
    const shared = await store.register(registration(url), 1_000);
    const bound = await store.register({ ...registration(url), joinTokenId: token }, 2_000);
    const again = await store.register({ ...registration(url), joinTokenId: token }, 3_000);
    const open = (await store.list(0)).filter(({ leftAt }) => leftAt === null);
    expect(open.map(({ id }) => id).sort()).toEqual([shared.id, again.id].sort());
    expect(open.map(({ joinTokenId }) => joinTokenId)).toEqual(expect.arrayContaining([null, token]));
    expect(bound.joinTokenId).toBe(token);
  });

  it("writes heartbeats of workers that are there, and of no others", async () => {
    const { id } = await store.register(registration("http://127.0.0.1:9"), 1_000);
    const beat = { busySlots: 1, queued: 2, tokensPerSecond: 3.5 };
    expect(await store.heartbeat(id, beat, 2_000)).toMatchObject({ id, ...beat, heartbeatAt: 2_000 });
    await store.leave(id, 3_000);
    expect(await store.heartbeat(id, beat, 4_000)).toBeNull();
    expect(await store.heartbeat("00000000-0000-7000-8000-000000000000", beat, 4_000)).toBeNull();
    expect((await store.list(0))[0]).toMatchObject({ heartbeatAt: 2_000, leftAt: 3_000 });
  });

  it("lists what reported or left since a time", async () => {
    const quiet = await store.register(registration("http://127.0.0.1:9"), 1_000);
    const live = await store.register(registration("http://127.0.0.1:10"), 5_000);
    const left = await store.register(registration("http://127.0.0.1:11"), 1_000);
    await store.leave(left.id, 6_000);
    const ids = (await store.list(5_000)).map(({ id }) => id);
    expect(ids.sort()).toEqual([live.id, left.id].sort());
    expect(ids).not.toContain(quiet.id);
  });

  it("gives one id to an instance that registers twice at the same time", async () => {
    const request = registration("http://127.0.0.1:9");
    const records = await Promise.all([1, 2, 3, 4].map((now) => store.register(request, now)));
    expect(new Set(records.map(({ id }) => id)).size).toBe(1);
  });

  it("says that the database is unavailable when it is", async () => {
    const nowhere = createDatabase("postgresql://nobody@127.0.0.1:9/nothing");
    const failing = createPostgresRegistry(nowhere).list(0);
    await expect(failing).rejects.toMatchObject({ code: "database_unavailable" });
    await closeDatabase(nowhere);
  });

  it("carries the registry over a restart of the server", async () => {
    const before = createTestController({ store });
    const { workerId, secret } = await before.register(testJoinToken, registration("http://127.0.0.1:9"));
    await before.close();
    const after = createTestController({ store });
    await after.start();
    expect(after.isStoreReachable()).toBe(true);
    expect(after.models().map(({ name }) => name)).toEqual(["demo"]);
    const beat = { busySlots: 0, queued: 0, tokensPerSecond: null };
    await expect(after.heartbeat(workerId, secret, beat)).resolves.toEqual({
      heartbeatMs: 10_000,
      order: "serving",
    });
    await after.close();
  });
});
