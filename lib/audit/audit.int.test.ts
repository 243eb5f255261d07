import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { listAudit, recordAudit } from ".";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("the audit log", () => {
  it("takes lines, and lets nobody change or remove one", async () => {
    const { db } = database;
    const actor = { kind: "cli", label: "tests" } as const;
    await recordAudit(db, { actor, action: "model.add", targetKind: "model", targetId: "plover" });
    const before = await listAudit(db);
    expect(before).toHaveLength(1);
    const refused = /rows of audit_log are never changed or removed/;
    await expect(db.$executeRaw`UPDATE audit_log SET actor_label = 'somebody else'`).rejects.toThrow(refused);
    await expect(db.$executeRaw`DELETE FROM audit_log`).rejects.toThrow(refused);
    await expect(db.auditEntry.deleteMany()).rejects.toThrow(refused);
    expect(await listAudit(db)).toEqual(before);
  });
});
