import { z } from "zod";
import { type ApiKeyView, changeKey, createKey, listKeys, revokeKey, rotateKey } from "@/lib/accounts";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";
import { expirySchema, limitSchema, listSchema, overlapSchema } from "./values";

const settings = {
  name: { type: "string" },
  models: { type: "string" },
  pools: { type: "string" },
  endpoints: { type: "string" },
  experimental: { type: "string" },
  "requests-per-minute": { type: "string" },
  "tokens-per-minute": { type: "string" },
  "requests-per-day": { type: "string" },
  "tokens-per-day": { type: "string" },
  "max-concurrent": { type: "string" },
  expires: { type: "string" },
} as const;

const settingsUsage = `[--models A,B*] [--pools P] [--endpoints chat,…] [--experimental yes|no]
      [--requests-per-minute N] [--tokens-per-minute N] [--requests-per-day N] [--tokens-per-day N]
      [--max-concurrent N] [--expires 30d|2027-01-31|never]`;

/** Options as they are typed, into settings as `lib/accounts` takes (and checks) them. */
function settingsSchema(now: Date) {
  return z
    .object({
      name: z.string().optional(),
      models: listSchema.optional(),
      pools: listSchema.optional(),
      endpoints: listSchema.optional(),
      experimental: z
        .enum(["yes", "no"])
        .transform((word) => word === "yes")
        .optional(),
      "requests-per-minute": limitSchema.optional(),
      "tokens-per-minute": limitSchema.optional(),
      "requests-per-day": limitSchema.optional(),
      "tokens-per-day": limitSchema.optional(),
      "max-concurrent": limitSchema.optional(),
      expires: expirySchema(now).optional(),
    })
    .transform((values) => ({
      name: values.name,
      models: values.models,
      pools: values.pools,
      // Checked by the use case, which knows the endpoints.
      endpoints: values.endpoints as "chat"[] | undefined,
      allowExperimental: values.experimental,
      requestsPerMinute: values["requests-per-minute"],
      tokensPerMinute: values["tokens-per-minute"],
      requestsPerDay: values["requests-per-day"],
      tokensPerDay: values["tokens-per-day"],
      maxConcurrent: values["max-concurrent"],
      expiresAt: values.expires,
    }));
}

const create: Command = {
  name: "keys create",
  usage: `--owner NAME --name TEXT\n      ${settingsUsage}`,
  summary: "Make an API key. It is shown this once.",
  operands: [],
  options: { ...settings, owner: { type: "string" } },
  async run({ db, actor, now, values }) {
    const { owner, name } = parseInput(z.object({ owner: z.string(), name: z.string() }), values);
    const input = { ...parseInput(settingsSchema(now), values), name, ownerLabel: owner };
    const { key, secret } = await createKey(db, input, actor);
    return {
      json: { ...key, secret },
      text: `${secret}\n\nThis is the key. It is stored nowhere and cannot be shown again. Its name in lists is ${key.prefix}.\n`,
    };
  },
};

const list: Command = {
  name: "keys list",
  usage: "[--owner NAME]",
  summary: "Every API key with its owner, budgets and state.",
  operands: [],
  options: { owner: { type: "string" } },
  async run({ db, now, values }) {
    const { owner } = parseInput(z.object({ owner: z.string().optional() }), values);
    const keys = await listKeys(db, { ownerLabel: owner });
    const header = ["key", "owner", "name", "state", "models", "endpoints", "budgets", "last used"];
    return {
      json: keys,
      text: table(
        header,
        keys.map((key) => toRow(key, now)),
      ),
    };
  },
};

const set: Command = {
  name: "keys set",
  usage: `KEY [--name TEXT]\n      ${settingsUsage}`,
  summary: "Change a key; none takes a limit away, all empties a list.",
  operands: ["KEY"],
  options: settings,
  async run({ db, actor, now, values, positionals }) {
    const input = parseInput(settingsSchema(now), values);
    const key = await changeKey(db, positionals[0] ?? "", input, actor);
    return { json: key, text: `${key.prefix} is changed; running servers know it.\n` };
  },
};

const rotate: Command = {
  name: "keys rotate",
  usage: "KEY [--overlap 7d|12h|0]",
  summary:
    "Make another key with the same settings; the old one ends after the overlap, a week unless told otherwise.",
  operands: ["KEY"],
  options: { overlap: { type: "string" } },
  async run({ db, actor, values, positionals }) {
    const { overlap } = parseInput(z.object({ overlap: overlapSchema }), values);
    const old = positionals[0] ?? "";
    const { key, secret } = await rotateKey(db, old, { overlapMs: overlap, actor });
    return {
      json: { ...key, secret },
      text: `${secret}\n\nThis is the new key. It is stored nowhere and cannot be shown again. Its name in lists is ${key.prefix}. keys list shows until when the old one works.\n`,
    };
  },
};

const revoke: Command = {
  name: "keys revoke",
  usage: "KEY",
  summary: "Refuse a key from now on.",
  operands: ["KEY"],
  options: {},
  async run({ db, actor, positionals }) {
    const key = await revokeKey(db, positionals[0] ?? "", actor);
    return { json: key, text: `${key.prefix} is revoked.\n` };
  },
};

export const keyCommands: readonly Command[] = [create, list, set, rotate, revoke];

function toRow(key: ApiKeyView, now: Date) {
  const budgets = [
    ["requests/min", key.requestsPerMinute],
    ["tokens/min", key.tokensPerMinute],
    ["requests/day", key.requestsPerDay],
    ["tokens/day", key.tokensPerDay],
    ["at a time", key.maxConcurrent],
  ]
    .filter(([, limit]) => limit !== null)
    .map(([words, limit]) => `${limit} ${words}`);
  const experimental = key.allowExperimental ? " + experimental" : "";
  return [
    key.prefix,
    key.ownerLabel,
    key.name,
    stateOf(key, now),
    (key.models.join(",") || "all") + experimental,
    key.endpoints.join(",") || "all",
    budgets.join(", ") || "none",
    key.lastUsedAt,
  ];
}

export function stateOf(
  { revokedAt, expiresAt }: { revokedAt: Date | null; expiresAt: Date | null },
  now: Date,
): string {
  if (revokedAt !== null) return "revoked";
  if (expiresAt === null) return "valid";
  return expiresAt <= now ? "expired" : `until ${expiresAt.toISOString().slice(0, 10)}`;
}
