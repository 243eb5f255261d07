import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJoinToken, listJoinTokens, revokeJoinToken, rotateJoinToken } from "@/lib/accounts";
import { listAudit } from "@/lib/audit";
import { createPostgresRegistry } from "@/lib/controller";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createTestController, registration } from "../controller/test-support";
import { hasValidJoinToken } from "./join-tokens/has-valid-join-token";
import { createJoinTokenVerifier } from "./join-tokens/join-token-verifier";
import { testJoinToken } from "./test-support";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const invalid = { code: "invalid_join_token" };

describe("join tokens", () => {
  it("let models in by their patterns, and say their pool", async () => {
    const { db } = database;
    const { secret, token } = await createJoinToken(db, {
      name: "lab",
      models: ["lab-*", "demo"],
      pool: "lab",
    });
    const verifier = createJoinTokenVerifier(db, testJoinToken);
    const grant = await verifier.verify(secret, ["lab-7b", "demo"]);
    expect(grant).toEqual({ tokenId: token.id, pool: "lab" });
    await expect(verifier.verify(secret, ["lab-7b", "gpt"])).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining('"gpt"'),
    });
    const [listed] = await listJoinTokens(db);
    expect(listed).toMatchObject({ id: token.id, workers: 0 });
    expect(listed?.lastUsedAt).not.toBeNull();
    expect(listed).not.toHaveProperty("hash");
  });

  it("of the environment stays valid beside them, for any model", async () => {
    const verifier = createJoinTokenVerifier(database.db, testJoinToken);
    expect(await verifier.verify(testJoinToken, ["anything"])).toEqual({ tokenId: null, pool: null });
  });

  it("are refused when made up, altered, expired or revoked", async () => {
    const { db } = database;
    const verifier = createJoinTokenVerifier(db, testJoinToken);
    const expired = await createJoinToken(db, { name: "old", expiresAt: new Date(Date.now() - 1) });
    const { secret } = await createJoinToken(db, { name: "altered" });
    const revoked = await createJoinToken(db, { name: "gone" });
    await revokeJoinToken(db, revoked.token.prefix);
    for (const token of ["", "jt-arena-", `${secret.slice(0, -1)}~`, expired.secret, revoked.secret]) {
      await expect(verifier.verify(token, [])).rejects.toMatchObject(invalid);
    }
    await expect(revokeJoinToken(db, uuidv7())).rejects.toMatchObject({ code: "not_found" });
  });

  it("are rotated without a pause: both are valid for a while, and whoever has registered serves on", async () => {
    const { db } = database;
    const clock = { now: Date.now() };
    const verifier = createJoinTokenVerifier(db, testJoinToken, () => clock.now);
    const old = await createJoinToken(db, { name: "rotation", models: ["lab-*"], pool: "lab" });
    const controller = createTestController({ store: createPostgresRegistry(db), joinTokens: verifier });
    const [model] = registration("http://127.0.0.1:9").models;
    if (model === undefined) throw new Error("No model is offered.");
    const offer = { ...registration("http://127.0.0.1:9"), models: [{ ...model, name: "lab-7b" }] };
    const worker = await controller.register(old.secret, offer);

    const actor = { kind: "cli", label: "tests" } as const;
    const overlapMs = 3_600_000;
    const next = await rotateJoinToken(db, old.token.prefix, { overlapMs, actor });
    expect(next.token).toMatchObject({ name: "rotation", models: ["lab-*"], pool: "lab", expiresAt: null });
    const names = ["lab-7b"];
    expect(await verifier.verify(old.secret, names)).toEqual({ tokenId: old.token.id, pool: "lab" });
    expect(await verifier.verify(next.secret, names)).toEqual({ tokenId: next.token.id, pool: "lab" });
    await expect(verifier.verify(next.secret, ["gpt"])).rejects.toMatchObject({ code: "forbidden" });

    clock.now = next.oldEndsAt.getTime() + 1;
    await expect(verifier.verify(old.secret, names)).rejects.toMatchObject(invalid);
    await verifier.verify(next.secret, names);
    const report = { busySlots: 0, queued: 0, tokensPerSecond: null };
    await controller.heartbeat(worker.workerId, worker.secret, report);
    // Its next start needs the new one.
    await expect(controller.register(old.secret, offer)).rejects.toMatchObject(invalid);
    await controller.register(next.secret, offer);
    await controller.close();
    expect(await listAudit(db, { targetId: old.token.prefix })).toMatchObject([
      { action: "join_token.rotate", details: { successor: next.token.prefix } },
    ]);
  });

  it("that end by themselves get a successor for as long again, and are never prolonged by it", async () => {
    const { db } = database;
    const now = new Date();
    const daysOn = (days: number) => new Date(now.getTime() + days * 86_400_000);
    const actor = { kind: "cli", label: "tests" } as const;
    const { token } = await createJoinToken(db, { name: "90 days", expiresAt: daysOn(1) });
    await db.joinToken.update({ where: { id: token.id }, data: { createdAt: daysOn(-89) } });
    const next = await rotateJoinToken(db, token.id, { overlapMs: 7 * 86_400_000, actor, now });
    expect(next.token.expiresAt).toEqual(daysOn(90));
    expect(next.oldEndsAt).toEqual(daysOn(1));
    await rotateJoinToken(db, next.token.id, { overlapMs: 0, actor, now });
    for (const [wrong, code] of [
      [uuidv7(), "not_found"],
      [next.token.id, "invalid_request"],
    ] as const) {
      const rotating = rotateJoinToken(db, wrong, { overlapMs: 0, actor, now });
      await expect(rotating).rejects.toMatchObject({ code });
    }
    await revokeJoinToken(db, token.id);
    await expect(rotateJoinToken(db, token.id, { overlapMs: 0, actor, now })).rejects.toMatchObject({
      ...{ code: "invalid_request", message: "This join token is revoked." },
    });
  });

  it("are all that counts where the environment has none", async () => {
    const { db } = database;
    const verifier = createJoinTokenVerifier(db, undefined);
    for (const token of [testJoinToken, "undefined", "off", ""]) {
      await expect(verifier.verify(token, [])).rejects.toMatchObject(invalid);
    }
    await db.joinToken.updateMany({ where: { revokedAt: null }, data: { revokedAt: new Date() } });
    const later = new Date(Date.now() + 60_000);
    expect(await hasValidJoinToken(db)).toBe(false);
    const { secret, token } = await createJoinToken(db, { name: "box", models: ["lab-*"], expiresAt: later });
    expect(await hasValidJoinToken(db)).toBe(true);
    expect(await hasValidJoinToken(db, later)).toBe(false);
    await verifier.verify(secret, ["lab-one"]);
    await expect(verifier.verify(secret, ["other"])).rejects.toMatchObject({ code: "forbidden" });
    await revokeJoinToken(db, token.id);
    expect(await hasValidJoinToken(db)).toBe(false);
  });

  it("that are revoked keep their workers, or drop them for good", async () => {
    const { db } = database;
    const { secret, token } = await createJoinToken(db, { name: "pool of one", pool: "lab" });
    const controller = createTestController({
      store: createPostgresRegistry(db),
      joinTokens: createJoinTokenVerifier(db, testJoinToken),
    });
    const offer = registration("http://127.0.0.1:9");
    const worker = await controller.register(secret, offer);
    expect((await listJoinTokens(db)).find(({ id }) => id === token.id)).toMatchObject({ workers: 1 });

    const report = { busySlots: 0, queued: 0, tokensPerSecond: null };
    expect(await revokeJoinToken(db, token.id)).toMatchObject({ droppedWorkers: 0 });
    await controller.heartbeat(worker.workerId, worker.secret, report);

    expect(await revokeJoinToken(db, token.id, { dropWorkers: true })).toMatchObject({ droppedWorkers: 1 });
    await expect(controller.heartbeat(worker.workerId, worker.secret, report)).rejects.toMatchObject({
      code: "worker_unknown",
    });
    await expect(controller.register(secret, offer)).rejects.toMatchObject(invalid);
    expect(controller.models()).toEqual([]);
    await controller.close();
  });
});
