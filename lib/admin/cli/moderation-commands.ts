import { z } from "zod";
import {
  disableVisitor,
  enableVisitor,
  listFlagged,
  listRefused,
  resolveFlags,
  unhideAnswer,
} from "@/lib/admin";
import { flagStatusSchema, moderationActionSchema, parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { listSchema } from "./values";

/** As much of a text as one line takes. */
const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

const list: Command = {
  name: "moderation list",
  usage: "[--status open|dismissed|resolved] [--before ID]",
  summary: "Flagged answers, the latest flag first.",
  operands: [],
  options: { status: { type: "string" }, before: { type: "string" } },
  async run({ db, values }) {
    const schema = z.object({ status: flagStatusSchema.optional(), before: z.uuid().optional() });
    const queue = await listFlagged(db, parseInput(schema, values));
    const rows = queue.items.map((item) => [
      item.subjectId,
      item.flags.map(({ reason }) => reason).join(","),
      item.model,
      shown(item.prompt),
      shown(item.text),
    ]);
    return { json: queue, text: table(["answer", "flags", "model", "prompt", "text"], rows) };
  },
};

const resolve: Command = {
  name: "moderation resolve",
  usage: "ANSWER --note TEXT [--actions hide,exclude_vote,disable_visitor]",
  summary: "Close the flags of an answer; without actions they are dismissed.",
  operands: ["ANSWER"],
  options: { note: { type: "string" }, actions: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const schema = z.object({
      note: z.string(),
      actions: listSchema.pipe(z.array(moderationActionSchema)).default([]),
    });
    const { note, actions } = parseInput(schema, values);
    const subjectId = positionals[0] ?? "";
    await resolveFlags(db, actor, subjectId, { note, actions });
    const what = actions.length === 0 ? "dismissed" : actions.join(", ");
    return { json: { subjectId, actions }, text: `${subjectId}: ${what}.\n` };
  },
};

const unhide: Command = {
  name: "moderation unhide",
  usage: "ANSWER --note TEXT",
  summary: "Show an answer again that a moderator has hidden.",
  operands: ["ANSWER"],
  options: { note: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { note } = parseInput(z.object({ note: z.string() }), values);
    const { subjectId } = parseInput(z.object({ subjectId: z.uuid() }), { subjectId: positionals[0] });
    await unhideAnswer(db, actor, subjectId, { note });
    return { json: { subjectId }, text: `${subjectId} is shown again.\n` };
  },
};

const refused: Command = {
  name: "moderation refused",
  usage: "[--before ID]",
  summary: "Visitors of whom something was refused within a month, and for what.",
  operands: [],
  options: { before: { type: "string" } },
  async run({ db, values }) {
    const { before } = parseInput(z.object({ before: z.uuid().optional() }), values);
    const { visitors, next } = await listRefused(db, { before: before ?? null });
    const rows = visitors.map(({ visitorId, isDisabled, last, refusals }) => [
      visitorId,
      refusals.map(({ category, count }) => `${category} ${count}`).join(", "),
      last.toISOString(),
      isDisabled ? "stopped" : "",
    ]);
    return { json: { visitors, next }, text: table(["visitor", "refused", "last", "state"], rows) };
  },
};

const disable: Command = {
  name: "moderation disable",
  usage: "VISITOR --note TEXT",
  summary: "Stop a visitor whose texts were refused.",
  operands: ["VISITOR"],
  options: { note: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { note } = parseInput(z.object({ note: z.string() }), values);
    const { visitorId } = parseInput(z.object({ visitorId: z.uuid() }), { visitorId: positionals[0] });
    await disableVisitor(db, actor, visitorId, { note });
    return { json: { visitorId }, text: `${visitorId} sends nothing more.\n` };
  },
};

const enable: Command = {
  name: "moderation enable",
  usage: "VISITOR",
  summary: "Let a visitor whom a moderator has stopped send again.",
  operands: ["VISITOR"],
  options: {},
  async run({ db, actor, positionals }) {
    const visitorId = positionals[0] ?? "";
    await enableVisitor(db, actor, visitorId);
    return { json: { visitorId }, text: `${visitorId} may send again.\n` };
  },
};

export const moderationCommands: readonly Command[] = [list, resolve, unhide, refused, disable, enable];
