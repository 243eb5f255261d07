import { z } from "zod";
import { readUsage, usageCsv } from "@/lib/accounts";
import { listModels, listWorkers, setModel } from "@/lib/admin";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { integerSchema, limitSchema } from "./values";

const modelHeader = ["model", "stage", "max concurrent", "tokens/min", "priority", "organization"];

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
      model.tokensPerMinute,
      model.priority,
      model.organization,
    ]);
    return { json: models, text: table(modelHeader, rows) };
  },
};

const modelsSet: Command = {
  name: "models set",
  usage:
    "NAME [--stage public|experimental|retired] [--max-concurrent N|none] [--tokens-per-minute N|none]\n  [--priority N]",
  summary:
    "Change a model's stage, its limits of concurrent requests and of tokens a minute, or its priority.",
  operands: ["NAME"],
  options: {
    stage: { type: "string" },
    "max-concurrent": { type: "string" },
    "tokens-per-minute": { type: "string" },
    priority: { type: "string" },
  },
  async run({ db, values, positionals }) {
    const schema = z.object({
      stage: z.enum(["public", "experimental", "retired"]).optional(),
      "max-concurrent": limitSchema.optional(),
      "tokens-per-minute": limitSchema.optional(),
      priority: integerSchema.optional(),
    });
    const { stage, priority, ...limits } = parseInput(schema, values);
    const model = await setModel(db, positionals[0] ?? "", {
      stage,
      priority,
      maxConcurrent: limits["max-concurrent"],
      tokensPerMinute: limits["tokens-per-minute"],
    });
    const { maxConcurrent, tokensPerMinute } = model;
    const limit =
      [
        ...(maxConcurrent === null ? [] : [`${maxConcurrent} at a time`]),
        ...(tokensPerMinute === null ? [] : [`${tokensPerMinute} tokens a minute`]),
      ].join(" and ") || "no limit";
    return {
      json: model,
      text: `${model.name} is ${model.stage}, ${limit}, priority ${model.priority}; running servers know it.\n`,
    };
  },
};

const workersList: Command = {
  name: "workers list",
  usage: "[--all]",
  summary: "The workers, with their device, models and load; --all: those that have left too.",
  operands: [],
  options: { all: { type: "boolean" } },
  async run({ db, now, values }) {
    const workers = await listWorkers(db, { all: values["all"] === true, now });
    const header = [
      "worker",
      "device",
      "engine",
      "pool",
      "models",
      "slots",
      "tokens/s",
      "heartbeat",
      "address",
    ];
    const rows = workers.map((worker) => [
      worker.id,
      worker.device,
      `${worker.engine} ${worker.version}`,
      worker.pool,
      worker.models.join(","),
      `${worker.busySlots}/${worker.slots}${worker.queued > 0 ? ` +${worker.queued}` : ""}`,
      worker.tokensPerSecond === null ? null : Math.round(worker.tokensPerSecond),
      worker.leftAt === null ? ago(worker.heartbeatAt, now) : "left",
      worker.url,
    ]);
    return { json: workers, text: table(header, rows) };
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

export const siteCommands: readonly Command[] = [modelsList, modelsSet, workersList, usage];

function ago(then: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1_000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
