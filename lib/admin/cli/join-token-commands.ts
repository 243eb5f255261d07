import { z } from "zod";
import { createJoinToken, listJoinTokens, revokeJoinToken, rotateJoinToken } from "@/lib/accounts";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { stateOf } from "./key-commands";
import { table } from "./table";
import { expirySchema, listSchema, overlapSchema } from "./values";

const create: Command = {
  name: "join-tokens create",
  usage: "--name TEXT [--models A,B*] [--pool P] [--expires 30d|2027-01-31|never]",
  summary: "Make a token with which workers register. It is shown this once.",
  operands: [],
  options: {
    name: { type: "string" },
    models: { type: "string" },
    pool: { type: "string" },
    expires: { type: "string" },
  },
  async run({ db, actor, now, values }) {
    const schema = z.object({
      name: z.string(),
      models: listSchema.optional(),
      pool: z.string().optional(),
      expires: expirySchema(now).optional(),
    });
    const { name, models, pool, expires } = parseInput(schema, values);
    const input = { name, models, pool, expiresAt: expires };
    const { token, secret } = await createJoinToken(db, input, actor);
    return {
      json: { ...token, secret },
      text: `${secret}\n\nGive it to workers as ARENA_JOIN_TOKEN. It is stored nowhere and cannot be shown again. Its name in lists is ${token.prefix}.\n`,
    };
  },
};

const list: Command = {
  name: "join-tokens list",
  usage: "",
  summary: "Every join token, with the workers that it has let in.",
  operands: [],
  options: {},
  async run({ db, now }) {
    const tokens = await listJoinTokens(db);
    const header = ["token", "name", "state", "models", "pool", "workers", "last used"];
    const rows = tokens.map((token) => [
      token.prefix,
      token.name,
      stateOf(token, now),
      token.models.join(",") || "all",
      token.pool,
      token.workers,
      token.lastUsedAt,
    ]);
    return { json: tokens, text: table(header, rows) };
  },
};

const rotate: Command = {
  name: "join-tokens rotate",
  usage: "TOKEN [--overlap 7d|12h|0]",
  summary:
    "Make another token with the same patterns and pool. The old one ends after the overlap, a week unless told otherwise; its workers serve on and need the new one with their next start.",
  operands: ["TOKEN"],
  options: { overlap: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { overlap } = parseInput(z.object({ overlap: overlapSchema }), values);
    const options = { overlapMs: overlap, actor };
    const { token, secret, oldEndsAt } = await rotateJoinToken(db, positionals[0] ?? "", options);
    return {
      json: { ...token, secret, oldEndsAt },
      text: `${secret}\n\nGive it to workers as ARENA_JOIN_TOKEN with their next start. It is stored nowhere and cannot be shown again. Its name in lists is ${token.prefix}. The old one ends on ${oldEndsAt.toISOString()}.\n`,
    };
  },
};

const revoke: Command = {
  name: "join-tokens revoke",
  usage: "TOKEN [--drop-workers]",
  summary: "Let nobody register with it any more; its workers stay, or are dropped too.",
  operands: ["TOKEN"],
  options: { "drop-workers": { type: "boolean" } },
  async run({ db, actor, values, positionals }) {
    const options = { dropWorkers: values["drop-workers"] === true, actor };
    const result = await revokeJoinToken(db, positionals[0] ?? "", options);
    const { token, droppedWorkers } = result;
    const dropped = options.dropWorkers ? ` Workers dropped: ${droppedWorkers}.` : "";
    return { json: { ...token, droppedWorkers }, text: `${token.prefix} is revoked.${dropped}\n` };
  },
};

export const joinTokenCommands: readonly Command[] = [create, list, rotate, revoke];
