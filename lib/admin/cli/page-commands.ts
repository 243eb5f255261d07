import { z } from "zod";
import { listBattles } from "@/lib/admin";
import { parseInput } from "@/lib/protocol";
import { listAllShares, unpublishAsOperator, unpublishBattleAsOperator } from "@/lib/publication";
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

const battles: Command = {
  name: "pages battles",
  usage: "[--before PLACE]",
  summary: "Battles whose texts are published with the vote data, newest first; each has a page of its own.",
  operands: [],
  options: { before: { type: "string" } },
  async run({ db, values }) {
    const page = await listBattles(db, values);
    const rows = page.battles.map(({ battleId, title, publishedAt, models }) => [
      ...[`/battles/${battleId}`, publishedAt, models.a, models.b, title],
    ]);
    const more = page.next === null ? "" : `More with --before ${page.next}.\n`;
    const header = ["page", "published", "model a", "model b", "title"];
    return { json: page, text: `${table(header, rows)}${more}` };
  },
};

const unpublish: Command = {
  name: "pages unpublish",
  usage: "PAGE --note TEXT",
  summary:
    "Take a published page down, at once and for good: /s/… or /battles/…; its visitor cannot publish the same again.",
  operands: ["PAGE"],
  options: { note: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { note } = parseInput(z.object({ note: z.string().trim().min(1).max(2_000) }), values);
    // As its address ends, or the whole of it.
    const token = (positionals[0] ?? "").split("/").at(-1) ?? "";
    if (z.uuid().safeParse(token).success) {
      await unpublishBattleAsOperator({ db }, actor, token, note);
      return { json: { battleId: token }, text: `/battles/${token} is down.\n` };
    }
    await unpublishAsOperator({ db }, actor, token, note);
    return { json: { token }, text: `/s/${token} is down.\n` };
  },
};

export const pageCommands: readonly Command[] = [list, battles, unpublish];
