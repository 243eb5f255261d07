import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { registration } from "@/lib/controller/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { addModel } from "./add-model";
import { changeModel } from "./change-model";
import { listModels, modelHistory } from "./list-models";
import { renameModel } from "./rename-model";

const actor = { kind: "cli", label: "tests" } as const;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
  await database.db.model.deleteMany();
  await database.db.$executeRaw`TRUNCATE audit_log`;
});

async function offer(name: string): Promise<void> {
  const { models, ...request } = registration(`http://127.0.0.1:${name.length}`);
  const offered = models.map((model) => ({ ...model, name }));
  await database.db.worker.create({ data: { ...request, id: uuidv7(), models: offered } });
}

describe("a model", () => {
  it("is added, changed and renamed, each with a line in its history and one in the audit log", async () => {
    const { db } = database;
    await addModel(db, actor, { name: "plover", displayName: "Plover", stage: "experimental" });
    await changeModel(db, actor, "plover", {
      displayName: "Plover 2",
      stage: "experimental",
      defaultParameters: { temperature: 0.3 },
      systemPrompt: "Be brief.",
    });
    await renameModel(db, actor, "plover", "golden-plover");
    const { changes } = await modelHistory(db, "golden-plover");
    expect(changes.map(({ before, after }) => [before, after])).toEqual([
      [{ name: "plover" }, { name: "golden-plover" }],
      [
        { displayName: "Plover", defaultParameters: {}, systemPrompt: "" },
        { displayName: "Plover 2", defaultParameters: { temperature: 0.3 }, systemPrompt: "Be brief." },
      ],
      [{}, { name: "plover", displayName: "Plover", stage: "experimental" }],
    ]);
    expect((await listAudit(db, { action: "model." })).map(({ action }) => action)).toEqual([
      "model.rename",
      "model.change",
      "model.add",
    ]);
    expect(await listModels(db)).toMatchObject([
      { name: "golden-plover", displayName: "Plover 2", stage: "experimental" },
    ]);
  });

  it("leaves no trace of a change that changes nothing", async () => {
    const { db } = database;
    await addModel(db, actor, { name: "plover", displayName: "Plover" });
    await changeModel(db, actor, "plover", { stage: "public", defaultParameters: {} });
    expect((await modelHistory(db, "plover")).changes).toHaveLength(1);
  });

  it("keeps its name while a worker offers it, and takes the place of a row that nobody has met", async () => {
    const { db } = database;
    await addModel(db, actor, { name: "plover", displayName: "Plover" });
    await offer("plover");
    await expect(renameModel(db, actor, "plover", "dotterel")).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("still offers"),
    });
    await db.worker.deleteMany();
    await offer("dotterel");
    await addModel(db, actor, { name: "dotterel", displayName: "made by the worker" });
    expect(await renameModel(db, actor, "plover", "dotterel")).toMatchObject({ displayName: "Plover" });
    expect(await db.model.count()).toBe(1);

    await db.worker.deleteMany();
    await addModel(db, actor, { name: "curlew", displayName: "Curlew" });
    const { id } = await db.model.findUniqueOrThrow({ where: { name: "curlew" } });
    await db.visitor.create({ data: { id: uuidv7() } });
    const { id: visitorId } = await db.visitor.findFirstOrThrow();
    await db.conversation.create({
      data: { id: uuidv7(), visitorId, idempotencyKey: uuidv7(), title: "t", modelId: id },
    });
    await expect(renameModel(db, actor, "dotterel", "curlew")).rejects.toMatchObject({
      message: expect.stringContaining("another model"),
    });
    expect((await listAudit(db, { action: "model.rename" })).length).toBe(1);
    await db.conversation.deleteMany();
  });

  it.each([
    [{}, undefined],
    [{ stage: "hidden" }, "stage"],
    [{ maxConcurrent: -1 }, "maxConcurrent"],
    [{ colour: "red" }, "colour"],
    [{ defaultParameters: { temperature: 9 } }, "defaultParameters.temperature"],
    [{ displayName: "bell\u0007" }, "displayName"],
  ])("refuses %j", async (input, param) => {
    await addModel(database.db, actor, { name: "plover", displayName: "Plover" });
    const change = changeModel(database.db, actor, "plover", input as object);
    await expect(change).rejects.toMatchObject({ code: "invalid_request", param: param ?? null });
  });
});
