import { z } from "zod";
import { revertSettings, sectionOf, viewSettings } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import { changeSettings, settingsHistory } from "@/lib/settings";
import type { Command } from "./command";
import { table } from "./table";
import { integerSchema } from "./values";

const get: Command = {
  name: "settings get",
  usage: "[--section NAME]",
  summary: "The site's settings in force, by section, as JSON.",
  operands: [],
  options: { section: { type: "string" } },
  async run({ db, values }) {
    const { section } = parseInput(z.object({ section: z.string().optional() }), values);
    const sections = await viewSettings(db);
    const wanted = section === undefined ? null : sectionOf(section);
    const shown = Object.fromEntries(
      sections
        .filter(({ name }) => wanted === null || name === wanted)
        .map(({ name, value }) => [name, value]),
    );
    return { json: shown, text: `${JSON.stringify(shown, null, 2)}\n` };
  },
};

const set: Command = {
  name: "settings set",
  usage: "SECTION JSON",
  summary: "Put a whole section in force on all servers; what the JSON leaves out returns to its default.",
  operands: ["SECTION", "JSON"],
  options: {},
  async run({ db, actor, positionals: [name = "", text = ""] }) {
    const section = sectionOf(name);
    const value = await changeSettings(db, actor, section, parseJson(text));
    return { json: value, text: `${section} is ${JSON.stringify(value)}; running servers know it.\n` };
  },
};

const history: Command = {
  name: "settings history",
  usage: "SECTION",
  summary: "What a section has been, by whom, newest first.",
  operands: ["SECTION"],
  options: {},
  async run({ db, positionals }) {
    const changes = await settingsHistory(db, sectionOf(positionals[0] ?? ""));
    const rows = changes.map(({ id, at, changedBy, value }) => [id, at, changedBy, JSON.stringify(value)]);
    return { json: changes, text: table(["id", "at", "by", "value"], rows) };
  },
};

const revert: Command = {
  name: "settings revert",
  usage: "SECTION ID|defaults",
  summary: "Put an entry of the section's history, or its defaults, in force again.",
  operands: ["SECTION", "ID"],
  options: {},
  async run({ db, actor, positionals: [name = "", entry = ""] }) {
    const section = sectionOf(name);
    const id = entry === "defaults" ? null : parseInput(integerSchema, entry);
    const value = await revertSettings(db, actor, section, id);
    return { json: value, text: `${section} is ${JSON.stringify(value)} again; running servers know it.\n` };
  },
};

const audit: Command = {
  name: "audit list",
  usage: "[--action NAME|PART.] [--target ID] [--actor ID] [--before ID] [--limit N]",
  summary: "What was done to the site, by whom, newest first.",
  operands: [],
  options: {
    action: { type: "string" },
    target: { type: "string" },
    actor: { type: "string" },
    before: { type: "string" },
    limit: { type: "string" },
  },
  async run({ db, values }) {
    const schema = z.object({
      action: z.string().optional(),
      target: z.string().optional(),
      actor: z.string().optional(),
      before: z.string().optional(),
      limit: integerSchema.optional(),
    });
    const { action, target, actor, before, limit } = parseInput(schema, values);
    const lines = await listAudit(db, { action, targetId: target, actorId: actor, before, limit });
    const rows = lines.map((line) => [
      line.at,
      `${line.actorKind} ${line.actorLabel}`,
      line.action,
      `${line.targetKind} ${line.targetId}`,
      JSON.stringify(line.details),
    ]);
    return { json: lines, text: table(["at", "by", "action", "to", "details"], rows) };
  },
};

export const settingsCommands: readonly Command[] = [get, set, history, revert, audit];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", { message: "The section is not valid JSON.", cause });
  }
}
