import { z } from "zod";
import {
  createResetLink,
  disableUser,
  enableUser,
  inviteUser,
  linkAddress,
  listUsers,
  type Role,
  revokeSessions,
  roles,
  setUserRole,
  type UserView,
} from "@/lib/accounts";
import { readLauncherEnv } from "@/lib/env";
import { parseInput } from "@/lib/protocol";
import { readSettings } from "@/lib/settings";
import type { Command } from "./command";
import { table } from "./table";
import { expirySchema } from "./values";

const roleSchema = z.enum(roles);

/** Where the link leads: the site as its people know it, or as it is reached on this machine. */
function siteUrl(): string {
  const { ARENA_PUBLIC_URL, HOST, PORT } = readLauncherEnv();
  return ARENA_PUBLIC_URL ?? `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`;
}

/** A link that never ends would be a password in somebody's mail for ever. */
const linkExpirySchema = (now: Date) =>
  expirySchema(now).refine((time): time is Date => time !== null, "a link has to end");

const list: Command = {
  name: "users list",
  usage: "[--role ROLE] [--find TEXT] [--limit N]",
  summary: "Accounts, the newest first.",
  operands: [],
  options: { role: { type: "string" }, find: { type: "string" }, limit: { type: "string" } },
  async run({ db, values }) {
    const { role, find, limit } = parseInput(
      z.object({
        role: roleSchema.optional(),
        find: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(200).optional(),
      }),
      values,
    );
    const users = await listUsers(db, { role, query: find, limit });
    const header = ["e-mail", "name", "role", "state", "signs in by", "sessions", "last sign-in", "id"];
    return { json: users, text: table(header, users.map(toRow)) };
  },
};

const setRole: Command = {
  name: "users set-role",
  usage: "USER ROLE",
  summary: `Give an account another role (${roles.join(", ")}), by its address or id.`,
  operands: ["USER", "ROLE"],
  options: {},
  async run({ db, actor, positionals }) {
    const [reference = "", role = ""] = positionals;
    const settings = await readSettings(db, () => undefined);
    const user = await setUserRole(db, actor, reference, parseInput(roleSchema, role), settings);
    return {
      json: { id: user.id, role: user.role },
      text: `${user.email} is ${withArticle(user.role)} now.\n`,
    };
  },
};

const disable: Command = {
  name: "users disable",
  usage: "USER",
  summary: "End an account's sessions, revoke its keys, and let nobody sign in to it.",
  operands: ["USER"],
  options: {},
  async run({ db, actor, positionals }) {
    const user = await disableUser(db, actor, positionals[0] ?? "");
    return { json: { id: user.id, disabledAt: user.disabledAt }, text: `${user.email} is disabled.\n` };
  },
};

const enable: Command = {
  name: "users enable",
  usage: "USER",
  summary: "Let the account be signed in to again. Its keys stay revoked.",
  operands: ["USER"],
  options: {},
  async run({ db, actor, positionals }) {
    const user = await enableUser(db, actor, positionals[0] ?? "");
    return { json: { id: user.id, disabledAt: null }, text: `${user.email} may sign in again.\n` };
  },
};

const invite: Command = {
  name: "users invite",
  usage: "[--role ROLE] [--expires 7d]",
  summary: "Make a one-time link with which somebody makes an account. It is shown this once.",
  operands: [],
  options: { role: { type: "string" }, expires: { type: "string" } },
  async run({ db, actor, now, values }) {
    const { role, expires } = parseInput(
      z.object({ role: roleSchema.default("user"), expires: linkExpirySchema(now).optional() }),
      values,
    );
    const link = await inviteUser(db, actor, { role, expiresAt: expires });
    return linkOutput(
      linkAddress(siteUrl(), "sign-up", link.token),
      link.expiresAt,
      `Makes ${withArticle(role)}.`,
    );
  },
};

const resetLink: Command = {
  name: "users reset-link",
  usage: "USER [--expires 24h]",
  summary: "Make a one-time link that sets a new password. It is shown this once.",
  operands: ["USER"],
  options: { expires: { type: "string" } },
  async run({ db, actor, now, values, positionals }) {
    const { expires } = parseInput(z.object({ expires: linkExpirySchema(now).optional() }), values);
    const link = await createResetLink(db, actor, positionals[0] ?? "", { expiresAt: expires });
    const address = linkAddress(siteUrl(), "reset-password", link.token);
    return linkOutput(address, link.expiresAt, "Sets a new password and ends the account's sessions.");
  },
};

const revoke: Command = {
  name: "users sessions revoke",
  usage: "USER",
  summary: "End all sessions of an account.",
  operands: ["USER"],
  options: {},
  async run({ db, actor, positionals }) {
    const count = await revokeSessions(db, actor, positionals[0] ?? "", "all");
    return { json: { sessionsEnded: count }, text: `${count} ended.\n` };
  },
};

export const userCommands: readonly Command[] = [list, setRole, disable, enable, invite, resetLink, revoke];

function linkOutput(link: string, expiresAt: Date, meaning: string) {
  return {
    json: { link, expiresAt },
    text: `${link}\n\n${meaning} It works once, until ${expiresAt.toISOString().slice(0, 16).replace("T", " ")} UTC, and cannot be shown again.\n`,
  };
}

const withArticle = (role: Role): string => (role === "admin" ? "an administrator" : `a ${role}`);

function toRow({ id, email, name, role, disabledAt, logins, openSessions, lastSignInAt }: UserView) {
  return [
    ...[email, name, role, disabledAt === null ? "active" : "disabled"],
    ...[logins.map((login) => (login === "credential" ? "password" : login)).join(", "), openSessions],
    ...[lastSignInAt, id],
  ];
}
