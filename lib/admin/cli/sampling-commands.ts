import pino from "pino";
import { z } from "zod";
import { changeSampling, viewSampling } from "@/lib/admin";
import { type PolicyProposal, simulatePolicy } from "@/lib/arena";
import { AppError } from "@/lib/errors";
import { createLeaderboard } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { integerSchema } from "./values";

const get: Command = {
  name: "sampling get",
  usage: "",
  summary: "How pairs are drawn, as JSON.",
  operands: [],
  options: {},
  async run({ db }) {
    const { id, policy } = await viewSampling(db);
    return { json: { id, policy }, text: `${JSON.stringify(policy, null, 2)}\n` };
  },
};

const set: Command = {
  name: "sampling set",
  usage: "JSON",
  summary: "Put a policy in force; what the JSON leaves out has its default.",
  operands: ["JSON"],
  options: {},
  async run({ db, actor, positionals }) {
    const id = await changeSampling(db, actor, parseJson(positionals[0] ?? ""));
    return {
      json: { id },
      text: `Policy ${id} is in force; servers draw by it from their next battle on.\n`,
    };
  },
};

const simulate: Command = {
  name: "sampling simulate",
  usage: "JSON [--votes N]",
  summary:
    "What a policy would bring over the next votes, as if every public model were served; changes nothing.",
  operands: ["JSON"],
  options: { votes: { type: "string" } },
  async run({ db, values, positionals }) {
    const { votes } = parseInput(z.object({ votes: integerSchema.optional() }), values);
    const policy = parseJson(positionals[0] ?? "");
    // The command line has no workers; the boards are fitted from the database as a server does it.
    const leaderboard = createLeaderboard({
      ...{ db, databaseUrl: "", styleRefreshMs: 60_000, secret: "" },
      logger: pino({ level: "silent" }),
    });
    try {
      const proposal = { policy, votes, isServedOnly: false } as PolicyProposal;
      const deps = { db, leaderboard, controller: { models: () => [] }, selfDuelRate: 0 };
      const effect = await simulatePolicy(deps, proposal, new AbortController().signal);
      const before = new Map(effect.inForce?.models.map((model) => [model.model, model]));
      const rows = effect.proposed.models.map((model) => [
        model.model,
        percent(before.get(model.model)?.seats),
        percent(model.seats),
        Math.round(model.votes),
        points(before.get(model.model)?.halfWidth),
        points(model.halfWidth),
      ]);
      const header = ["model", "seats now", "seats then", "votes", "interval now", "interval then"];
      return { json: effect, text: table(header, rows) };
    } finally {
      await leaderboard.close();
    }
  },
};

export const samplingCommands: readonly Command[] = [get, set, simulate];

const percent = (share: number | undefined): string | null =>
  share === undefined ? null : `${(share * 100).toFixed(1)} %`;
const points = (halfWidth: number | null | undefined): string | null =>
  halfWidth === undefined || halfWidth === null ? null : `±${halfWidth.toFixed(1)}`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", { message: "The policy is not valid JSON.", cause });
  }
}
