import { z } from "zod";
import { addModel, changeModel, listModels, modelHistory, renameModel } from "@/lib/admin";
import { AppError } from "@/lib/errors";
import { type AdminModel, chatParametersSchema, type ModelChangeRequest, parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { integerSchema, limitSchema } from "./values";

const settingsUsage =
  "[--stage public|experimental|retired] [--max-concurrent N|none] [--tokens-per-minute N|none]\n      [--priority N]\n      [--display-name TEXT] [--organization TEXT|none] [--licence TEXT|none] [--system-prompt TEXT]\n      [--parameters JSON] [--price-input MICROS|none] [--price-output MICROS|none]";

const settings = {
  stage: { type: "string" },
  "max-concurrent": { type: "string" },
  "tokens-per-minute": { type: "string" },
  priority: { type: "string" },
  "display-name": { type: "string" },
  organization: { type: "string" },
  licence: { type: "string" },
  "system-prompt": { type: "string" },
  parameters: { type: "string" },
  "price-input": { type: "string" },
  "price-output": { type: "string" },
} as const;

const orNone = z.string().transform((text) => (text === "none" ? null : text));

const settingsSchema = z
  .object({
    stage: z.enum(["public", "experimental", "retired"]).optional(),
    "max-concurrent": limitSchema.optional(),
    "tokens-per-minute": limitSchema.optional(),
    priority: integerSchema.optional(),
    "display-name": z.string().optional(),
    organization: orNone.optional(),
    licence: orNone.optional(),
    "system-prompt": z.string().optional(),
    parameters: z.string().optional(),
    "price-input": limitSchema.optional(),
    "price-output": limitSchema.optional(),
  })
  .transform(
    (values): ModelChangeRequest => ({
      stage: values.stage,
      maxConcurrent: values["max-concurrent"],
      tokensPerMinute: values["tokens-per-minute"],
      priority: values.priority,
      displayName: values["display-name"],
      organization: values.organization,
      licence: values.licence,
      systemPrompt: values["system-prompt"],
      defaultParameters: parametersOf(values.parameters),
      priceInputMicros: values["price-input"],
      priceOutputMicros: values["price-output"],
    }),
  );

function parametersOf(text: string | undefined): z.infer<typeof chatParametersSchema> | undefined {
  if (text === undefined) return undefined;
  try {
    return parseInput(chatParametersSchema, JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AppError("invalid_request", {
      message: "--parameters is not valid JSON.",
      param: "parameters",
    });
  }
}

const list: Command = {
  name: "models list",
  usage: "",
  summary: "Every model that a worker has ever offered or that was added, with its stage and limits.",
  operands: [],
  options: {},
  async run({ db }) {
    const models = await listModels(db);
    const header = ["model", "stage", "max concurrent", "tokens/min", "priority", "organization"];
    const rows = models.map((model) => [
      model.name,
      model.stage,
      model.maxConcurrent,
      model.tokensPerMinute,
      model.priority,
      model.organization,
    ]);
    return { json: models, text: table(header, rows) };
  },
};

const add: Command = {
  name: "models add",
  usage: `NAME [--display-name TEXT] ${settingsUsage}`,
  summary: "Make a model known before a worker offers it.",
  operands: ["NAME"],
  options: settings,
  async run({ db, actor, values, positionals }) {
    const name = positionals[0] ?? "";
    const input = parseInput(settingsSchema, values);
    const model = await addModel(db, actor, { ...input, name, displayName: input.displayName ?? name });
    return { json: model, text: `${said(model)}\n` };
  },
};

const set: Command = {
  name: "models set",
  usage: `NAME ${settingsUsage}`,
  summary: "Change a model; running servers know it at once.",
  operands: ["NAME"],
  options: settings,
  async run({ db, actor, values, positionals }) {
    const model = await changeModel(db, actor, positionals[0] ?? "", parseInput(settingsSchema, values));
    return { json: model, text: `${said(model)}; running servers know it.\n` };
  },
};

const retire: Command = {
  name: "models retire",
  usage: "NAME",
  summary: "Let nobody meet it any more; its votes and its row on the board stay.",
  operands: ["NAME"],
  options: {},
  async run({ db, actor, positionals }) {
    const model = await changeModel(db, actor, positionals[0] ?? "", { stage: "retired" });
    return { json: model, text: `${model.name} is retired.\n` };
  },
};

const rename: Command = {
  name: "models rename",
  usage: "NAME NEW-NAME",
  summary: "Another public name; votes and history stay. No worker may offer the old one.",
  operands: ["NAME", "NEW-NAME"],
  options: {},
  async run({ db, actor, positionals: [from = "", to = ""] }) {
    const model = await renameModel(db, actor, from, to);
    return { json: model, text: `${from} is ${model.name} now.\n` };
  },
};

const history: Command = {
  name: "models history",
  usage: "NAME",
  summary: "What was changed of a model, by whom, newest first.",
  operands: ["NAME"],
  options: {},
  async run({ db, positionals }) {
    const { changes } = await modelHistory(db, positionals[0] ?? "");
    const rows = changes.map(({ at, changedBy, before, after }) => [
      at,
      changedBy,
      JSON.stringify(before),
      JSON.stringify(after),
    ]);
    return { json: changes, text: table(["at", "by", "before", "after"], rows) };
  },
};

export const modelCommands: readonly Command[] = [list, add, set, retire, rename, history];

function said(model: AdminModel): string {
  const { maxConcurrent, tokensPerMinute } = model;
  const limits = [
    ...(maxConcurrent === null ? [] : [`${maxConcurrent} at a time`]),
    ...(tokensPerMinute === null ? [] : [`${tokensPerMinute} tokens a minute`]),
  ];
  const limit = limits.join(" and ") || "no limit";
  return `${model.name} is ${model.stage}, ${limit}, priority ${model.priority}`;
}
