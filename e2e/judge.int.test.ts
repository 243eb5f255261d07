import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runJudge } from "@/lib/judge";
import type { Site } from "@/lib/server";
import { withConnection } from "@/lib/votes";
import { joinToken, startTestSite } from "./fixtures/test-site";
import { startMockWorker, startWorkerProcess, type WorkerProcess } from "./fixtures/worker-process";

/** The bundled models, served for real, judged by the checks beside their prompts and by a model that cannot judge. */
const models = ["demo-1m", "demo-4m", "demo-13m"];
const promptsFile = "workers/models/eval200.json";

let database: TestDatabase;
let site: Site;
let url: string;
let workers: WorkerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ({ site, url } = await startTestSite(database));
  const seen = new Set<string>();
  const offered = new Promise<void>((resolve) => {
    site.controller.onModelsOffered(async (all) => {
      for (const { name } of all) seen.add(name);
      if (seen.size === models.length + 1) resolve();
    });
  });
  workers = await Promise.all([
    ...models.map((name) =>
      startWorkerProcess({
        args: ["llama", "--model", `workers/models/${name}-q8_0.gguf`, "--name", name, "--threads", "1"],
        controllerUrl: url,
        joinToken,
      }),
    ),
    startMockWorker({ name: "chatterbox", controllerUrl: url, joinToken }),
  ]);
  await offered;
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await site.close();
  await database.drop();
});

function judge(options: { judge: string; limit: number; stateFile: string; models?: string[] }) {
  const never = new AbortController().signal;
  return withConnection(database.url, (connection) =>
    runJudge(
      connection,
      { url: `${url}/v1`, apiKey: null },
      { models, promptsFile, concurrency: 8, maxTokens: 256, dataDir: inject("scratch"), ...options },
      () => undefined,
      never,
    ),
  );
}

describe("the judge", () => {
  it("finds the true order of the bundled models by rules, and counts a repeated run once", async () => {
    const stateFile = join(inject("scratch"), "judge-rules.jsonl");
    const report = await judge({ judge: "rules", limit: 64, stateFile });
    expect(report).toMatchObject({ added: 3 * 64, known: 0, board: "judge", agreement: { pairs: 0 } });
    const order = [...report.fit.result.rows]
      .sort((x, y) => (y.rating?.score ?? 0) - (x.rating?.score ?? 0))
      .map((row) => report.models[row.modelId ?? ""]);
    expect(order).toEqual(["demo-13m", "demo-4m", "demo-1m"]);
    const stored = await database.db.externalVote.findMany();
    expect(new Set(stored.map((vote) => `${vote.board} ${vote.voterKind}`))).toEqual(
      new Set(["judge judge"]),
    );
    expect(await database.db.pairCount.count({ where: { board: "blind" } })).toBe(0);

    // Again: nothing is asked (the file does not grow), nothing is counted twice.
    const asked = await readFile(stateFile, "utf8");
    const again = await judge({ judge: "rules", limit: 64, stateFile });
    expect(again).toMatchObject({ added: 0, known: 3 * 64 });
    expect(await readFile(stateFile, "utf8")).toBe(asked);
  }, 300_000);

  it("counts no verdict of a judge that gives none", async () => {
    const stateFile = join(inject("scratch"), "judge-mock.jsonl");
    const report = await judge({ judge: "chatterbox", limit: 2, stateFile, models: ["demo-1m", "demo-4m"] });
    expect(report).toMatchObject({ added: 0, verdicts: { pairs: 0, unreadable: 2 } });
  });

  it("refuses models and judges that are not served", async () => {
    const stateFile = join(inject("scratch"), "judge-none.jsonl");
    await expect(judge({ judge: "gpt-none", limit: 1, stateFile })).rejects.toMatchObject({
      code: "model_not_found",
    });
    const other = join(inject("scratch"), "judge-rules.jsonl");
    await expect(judge({ judge: "chatterbox", limit: 1, stateFile: other })).rejects.toThrow("another judge");
  });
});
