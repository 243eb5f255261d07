import { z } from "zod";
import { readUsage, usageCsv } from "@/lib/accounts";
import { listModels, setModel } from "@/lib/admin";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { integerSchema, limitSchema } from "./values";

const modelHeader = ["model", "stage", "max concurrent", "priority", "organization"];

const modelsList: Command = {
  name: "models list",
  usage: "",
  summary: "Every model that a worker has ever offered, with its stage and limits.",
  operands: [],
  options: {},
  async run({ db }) {
    const models = await listModels(db);
    const rows = models.map((model) => [
      model.name,
      model.stage,
      model.maxConcurrent,
      model.priority,
      model.organization,
    ]);
    return { json: models, text: table(modelHeader, rows) };
  },
};

const modelsSet: Command = {
  name: "models set",
  usage: "NAME [--stage public|experimental|retired] [--max-concurrent N|none] [--priority N]",
  summary: "Change a model's stage, limit of concurrent requests, or priority.",
  operands: ["NAME"],
  options: {
    stage: { type: "string" },
    "max-concurrent": { type: "string" },
    priority: { type: "string" },
  },
  async run({ db, values, positionals }) {
    const schema = z.object({
      stage: z.enum(["public", "experimental", "retired"]).optional(),
      "max-concurrent": limitSchema.optional(),
      priority: integerSchema.optional(),
    });
    const { stage, "max-concurrent": maxConcurrent, priority } = parseInput(schema, values);
    const model = await setModel(db, positionals[0] ?? "", { stage, maxConcurrent, priority });
    const limit = model.maxConcurrent === null ? "no limit" : `${model.maxConcurrent} at a time`;
    return {
      json: model,
      text: `${model.name} is ${model.stage}, ${limit}, priority ${model.priority}; running servers know it.\n`,
    };
  },
};

const usage: Command = {
  name: "usage",
  usage: "[--from YYYY-MM-DD] [--to YYYY-MM-DD] [--caller KEY-ID|environment|loopback] [--csv]",
  summary: "Requests and tokens by day (UTC), key and model; the last 30 days without a range.",
  operands: [],
  options: {
    from: { type: "string" },
    to: { type: "string" },
    caller: { type: "string" },
    csv: { type: "boolean" },
  },
  async run({ db, now, values }) {
    const schema = z.object({
      from: z.string().optional(),
      to: z.string().optional(),
      caller: z.string().optional(),
    });
    const rows = await readUsage(db, parseInput(schema, values), now);
    if (values["csv"] === true) return { json: rows, text: usageCsv(rows) };
    const header = [
      "day",
      "owner",
      "key",
      "model",
      "endpoint",
      "requests",
      "errors",
      "prompt",
      "cached",
      "completion",
    ];
    const cells = rows.map((row) => [
      row.day,
      row.ownerLabel,
      row.keyPrefix ?? row.caller,
      row.model,
      row.endpoint,
      row.requests,
      row.errors,
      row.promptTokens,
      row.cachedTokens,
      row.completionTokens,
    ]);
    return { json: rows, text: table(header, cells) };
  },
};

export const siteCommands: readonly Command[] = [modelsList, modelsSet, usage];
