import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { readIndentedCommands } from "@/lib/docs";
import { childEnv } from "@/lib/env";
import { parseCli } from "@/workers/cli";
import { joinToken, startTestSite } from "./fixtures/test-site";
import { startMockWorker } from "./fixtures/worker-process";

/** The commands of the READMEs: those of the operator are run, in their order, against a site's database. */

const run = promisify(execFile);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const commandsOf = (page: string): string[] => readIndentedCommands(readFileSync(page, "utf8"));

const pages = ["README.md", "workers/README.md", "bench/README.md", "e2e/README.md", "lib/trust/README.md"];

describe.each(pages)("%s", (page) => {
  const commands = commandsOf(page);

  it("every script and every benchmark that it names is there", () => {
    const text = readFileSync(page, "utf8");
    for (const [command, own, named] of text.matchAll(/\bnpm (?:(start|test)\b|run (?:-s )?([\w:]+))/g))
      expect(scripts, command).toHaveProperty([own ?? named ?? ""]);
    for (const [command, name] of text.matchAll(/\bnpm run bench -- (\w+)/g))
      expect(existsSync(`bench/${name}/main.ts`), command).toBe(true);
  });

  it("every worker's command line is one", () => {
    for (const command of commands) {
      const line = /npm run worker -- ([^#]*)/.exec(command)?.[1];
      // What stands in brackets is explained, not typed.
      if (line === undefined || line.includes("[")) continue;
      const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
      expect(parseCli(words), command).toMatchObject({
        kind: expect.not.stringMatching("error|help"),
      });
    }
  });
});

it("every figure of README.md has the command that measures it", () => {
  const [, table = ""] = readFileSync("README.md", "utf8").split("## Measured");
  const rows = table.split("\n").filter((line) => /^\| (?!what|---)/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const how = row.split(" | ").at(-1) ?? "";
    expect(how, row).toMatch(/^`npm (?:install|test|run (?:bench|soak|chaos)\b[^`]*)`/);
  }
});

describe("the operator's commands in README.md", () => {
  let database: TestDatabase;
  let folder: string;
  const program = resolve("lib/launcher/run.mjs");

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(inject("scratch"), "readme-"));
    const { db } = database;
    await db.user.create({ data: { id: uuidv7(), email: "ada@example.org", name: "Ada" } });
    for (const name of ["my-model", "old-name"])
      await db.model.create({ data: { id: uuidv7(), name, displayName: name } });
    const served = ["one", "two"].map((name) => ({
      ...{ name, displayName: name, organization: null, licence: null, contextLength: 1_024, tags: [] },
      capabilities: ["chat"],
    }));
    await db.worker.create({
      data: {
        ...{ id: uuidv7(), instanceId: uuidv7(), url: "http://127.0.0.1:1", engine: "mock", version: "1" },
        // The commands take their time, and nobody reports for it.
        ...{ device: "none", slots: 1, models: served, heartbeatAt: new Date(Date.now() + 600_000) },
      },
    });
    for (const { name } of served) await db.model.create({ data: { id: uuidv7(), name, displayName: name } });
    const votes = [
      ["a-model", "b-model", "model_a"],
      ["b-model", "a-model", "tie"],
    ].map(([model_a, model_b, winner], index) =>
      JSON.stringify({
        ...{ question_id: `q${index}`, model_a, model_b, winner, judge: `arena_user_${index}`, turn: 1 },
        ...{ anony: true, language: "English", tstamp: 1_682_351_591 + index },
      }),
    );
    await writeFile(join(folder, "lmsys.jsonl"), votes.join("\n"));
  });
  afterAll(() => database.drop());

  it("run as they stand", { timeout: 600_000 }, async () => {
    const env = childEnv({
      ...{ DATABASE_URL: database.url, ARENA_DATA_DIR: join(folder, "data"), PORT: "0" },
    });
    /** Examples of what is only known once it is made. */
    const made = new Map<string, string>();
    let ran = 0;
    for (const command of commandsOf("README.md")) {
      const line = /^npm run (admin|votes) -- (.*)$/.exec(command.replace(/ # .*$/, ""));
      if (line === null) continue;
      const [, name = "", text = ""] = line;
      // "…" stands for the rest of an id: there is none, and that is all that may be said against the command.
      const isExample = text.includes("…");
      let words = text.replace("0199d0a0-…", "0199d0a0-0000-7000-8000-000000000000");
      for (const [example, real] of made) words = words.replace(example, real);
      const { code, stdout, stderr } = await run(
        "bash",
        ["-c", `"${process.execPath}" "${program}" ${name} ${words}`],
        { env, cwd: folder },
      ).then(
        (said) => ({ code: 0, ...said }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      );
      expect(code, `${command}\n${stderr}${stdout}`).toBe(isExample ? 1 : 0);
      ran += 1;
      const [, key] = /(sk-arena-[0-9a-f]{12})/.exec(stdout) ?? [];
      if (text.startsWith("keys create") && key !== undefined) made.set("sk-arena-3f9a0c12b4de", key);
      const [, token] = /(jt-arena-[0-9a-f]{12})/.exec(stdout) ?? [];
      if (text.startsWith("join-tokens create") && token !== undefined)
        made.set("jt-arena-77aa01c3d9e2", token);
    }
    expect(ran).toBeGreaterThan(15);
    expect(made.size).toBe(2);
  });

  it("the first request is one", async () => {
    const command = commandsOf("README.md").find((one) => one.startsWith("curl ")) ?? "";
    const [, address = ""] = /^curl (\S+)/.exec(command) ?? [];
    const [, body = ""] = / -d '(.*)'$/.exec(command) ?? [];
    const [, header = ""] = / -H '([^']*)'/.exec(command) ?? [];
    // Of a site on which nobody has made a key yet.
    const fresh = await createTestDatabase();
    const { site, url } = await startTestSite(fresh);
    const { model } = JSON.parse(body) as { model: string };
    const worker = await startMockWorker({ controllerUrl: url, joinToken, name: model, scenario: "instant" });
    try {
      const [name = "", value = ""] = header.split(": ");
      const answer = await fetch(url + new URL(address).pathname, {
        method: "POST",
        headers: { [name]: value },
        body,
      });
      expect(await answer.json()).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    } finally {
      await worker.stop();
      await site.close();
      await fresh.drop();
    }
  });
});
