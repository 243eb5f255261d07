import { z } from "zod";
import { listVotes, viewExclusions } from "@/lib/admin";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import { excludeVotes, reverseExclusion } from "@/lib/trust";
import type { Command } from "./command";
import { describeExclusion, evidenceInShort } from "./exclusion-words";
import { table } from "./table";

const list: Command = {
  name: "vote-log list",
  usage: "[--visitor ID] [--act ID] [--before ID]",
  summary:
    "Votes of this site's battles, newest first, with those that do not count; --act: those of one exclusion.",
  operands: [],
  options: { visitor: { type: "string" }, act: { type: "string" }, before: { type: "string" } },
  async run({ db, values }) {
    const text = z.string().optional();
    const schema = z.object({ visitor: text, act: text, before: text });
    const { votes } = await listVotes(db, parseInput(schema, values));
    const rows = votes.map((vote) => [
      vote.id,
      vote.at,
      vote.modelA,
      vote.modelB,
      vote.outcome,
      vote.board,
      vote.visitorId,
      vote.isExcluded ? "excluded" : "counts",
    ]);
    const header = ["vote", "at", "a", "b", "outcome", "board", "visitor", "state"];
    return { json: votes, text: table(header, rows) };
  },
};

const exclude: Command = {
  name: "exclusions add",
  usage: "--note TEXT (--vote ID | --visitor ID)",
  summary: "A vote, or every vote of a visitor, stops counting.",
  operands: [],
  options: { vote: { type: "string" }, visitor: { type: "string" }, note: { type: "string" } },
  async run({ db, actor, values }) {
    const { vote, visitor, note } = parseInput(
      z
        .object({ vote: z.string().optional(), visitor: z.string().optional(), note: z.string() })
        .refine((given) => (given.vote === undefined) !== (given.visitor === undefined), {
          message: "Either a vote or a visitor is needed.",
        }),
      values,
    );
    const target = vote === undefined ? { visitorId: visitor ?? "", note } : { voteIds: [vote], note };
    const done = await excludeVotes(db, actor, target);
    const acts = done.actIds.join(", ");
    return { json: done, text: `${acts}: ${done.moved} of ${done.votes} votes stop counting.\n` };
  },
};

const listActs: Command = {
  name: "exclusions list",
  usage: "[--state active|reversed] [--before ID]",
  summary: "Decisions that votes do not count, newest first, each with its evidence.",
  operands: [],
  options: { state: { type: "string" }, before: { type: "string" } },
  async run({ db, values }) {
    const schema = z.object({
      state: z.enum(["active", "reversed"]).optional(),
      before: z.string().optional(),
    });
    const { exclusions } = await viewExclusions(db, parseInput(schema, values));
    const rows = exclusions.map((act) => [
      act.actId,
      act.at,
      act.reason,
      act.votes,
      act.by,
      act.reversal === null ? "in force" : `taken back by ${act.reversal.by}`,
      evidenceInShort(act),
    ]);
    const header = ["act", "at", "reason", "votes", "by", "state", "evidence"];
    return { json: exclusions, text: table(header, rows) };
  },
};

const show: Command = {
  name: "exclusions show",
  usage: "ACT",
  summary: "What a decision rests on, in words, with its first votes: to be read before it is taken back.",
  operands: ["ACT"],
  options: {},
  async run({ db, positionals }) {
    const actId = parseInput(z.uuid(), positionals[0]);
    const [act] = (await viewExclusions(db, { actId })).exclusions;
    if (act === undefined) throw new AppError("not_found", { message: "There is no such exclusion." });
    return { json: act, text: describeExclusion(act) };
  },
};

const reverse: Command = {
  name: "exclusions reverse",
  usage: "ACT --note TEXT",
  summary: "Take a decision back: its votes count again.",
  operands: ["ACT"],
  options: { note: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { note } = parseInput(z.object({ note: z.string() }), values);
    const done = await reverseExclusion(db, actor, { actId: positionals[0] ?? "", note });
    return { json: done, text: `${done.actId} is taken back; ${done.moved} votes count again.\n` };
  },
};

export const voteCommands: readonly Command[] = [list, exclude, listActs, show, reverse];
