import { z } from "zod";
import { parseInput } from "@/lib/protocol";
import { listAllShares, unpublishAsOperator } from "@/lib/publication";
import type { Command } from "./command";
import { table } from "./table";

const list: Command = {
  name: "pages list",
  usage: "[--before TIME]",
  summary:
    "Battles and chats that visitors have published, newest first; --before: those published before a time.",
  operands: [],
  options: { before: { type: "string" } },
  async run({ db, values }) {
    const time = z.iso.datetime().transform((text) => new Date(text));
    const { before } = parseInput(z.object({ before: time.optional() }), values);
    const pages = await listAllShares({ db }, { before });
    const rows = pages.map(({ token, kind, createdAt, keptFinds, title }) => [
      ...[`/s/${token}`, kind, createdAt, keptFinds, title],
    ]);
    return { json: pages, text: table(["page", "kind", "published", "finds kept", "title"], rows) };
  },
};

const unpublish: Command = {
  name: "pages unpublish",
  usage: "PAGE --note TEXT",
  summary: "Take a published page down, at once and for good; its visitor cannot publish the same again.",
  operands: ["PAGE"],
  options: { note: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { note } = parseInput(z.object({ note: z.string().trim().min(1).max(2_000) }), values);
    // As its address ends, or the whole of it.
    const token = (positionals[0] ?? "").split("/").at(-1) ?? "";
    await unpublishAsOperator({ db }, actor, token, note);
    return { json: { token }, text: `/s/${token} is down.\n` };
  },
};

export const pageCommands: readonly Command[] = [list, unpublish];
