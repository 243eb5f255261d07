import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import type { AdminDeps } from "../deps";
import { adminRoutes } from "../routes";
import { runAdmin } from "./run-admin";

/** By which command each thing is seen or done that the console shows or does. */
const commands: Record<string, string> = {
  "GET /api/admin/workers": "workers list",
  "POST /api/admin/workers/:id/order": "workers drain",
  "GET /api/admin/queues": "queues",
  "GET /api/admin/models": "models list",
  "POST /api/admin/models": "models add",
  "PATCH /api/admin/models/:name": "models set",
  "POST /api/admin/models/:name/rename": "models rename",
  "GET /api/admin/models/:name/history": "models history",
  "GET /api/admin/votes": "vote-log list",
  "POST /api/admin/votes/exclude": "exclusions add",
  "GET /api/admin/exclusions": "exclusions list",
  "POST /api/admin/exclusions/:actId/reverse": "exclusions reverse",
  "GET /api/admin/sampling": "sampling get",
  "POST /api/admin/sampling/simulate": "sampling simulate",
  "PUT /api/admin/sampling": "sampling set",
  "GET /api/admin/moderation": "moderation list",
  "POST /api/admin/moderation/:subjectId/resolve": "moderation resolve",
  "POST /api/admin/moderation/visitors/:id/enable": "moderation enable",
  "POST /api/admin/moderation/:subjectId/unhide": "moderation unhide",
  "POST /api/admin/moderation/visitors/:id/disable": "moderation disable",
  "GET /api/admin/moderation/refused": "moderation refused",
  "GET /api/admin/moderation/shares": "pages list",
  "GET /api/admin/moderation/battles": "pages battles",
  "POST /api/admin/moderation/battles/:id/unpublish": "pages unpublish",
  "POST /api/admin/moderation/shares/:token/unpublish": "pages unpublish",
  "GET /api/admin/keys": "keys list",
  "POST /api/admin/keys": "keys create",
  "PATCH /api/admin/keys/:prefix": "keys set",
  "POST /api/admin/keys/:prefix/rotate": "keys rotate",
  "DELETE /api/admin/keys/:prefix": "keys revoke",
  "GET /api/admin/join-tokens": "join-tokens list",
  "POST /api/admin/join-tokens": "join-tokens create",
  "POST /api/admin/join-tokens/:prefix/rotate": "join-tokens rotate",
  "POST /api/admin/join-tokens/:prefix/revoke": "join-tokens revoke",
  "GET /api/admin/people": "users list",
  "PATCH /api/admin/people/:id": "users set-role",
  "POST /api/admin/people/:id/end-sessions": "users sessions revoke",
  "POST /api/admin/people/:id/reset-link": "users reset-link",
  "POST /api/admin/people/invite": "users invite",
  "GET /api/admin/releases": "releases list",
  // npm run votes -- export, which the help of this one names.
  "POST /api/admin/releases": "releases list",
  "POST /api/admin/releases/:id/cancel": "releases cancel",
  "GET /api/admin/settings": "settings get",
  "PUT /api/admin/settings/:section": "settings set",
  "GET /api/admin/settings/:section/history": "settings history",
  "POST /api/admin/settings/:section/revert": "settings revert",
  "GET /api/admin/audit": "audit list",
};

describe("all that the console does", () => {
  it("has its command", async () => {
    const app = Fastify();
    const routes: string[] = [];
    app.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) if (one !== "HEAD") routes.push(`${one} ${url}`);
    });
    // Nothing is asked of it: only what there is to ask.
    await app.register(adminRoutes, { admin: {} as AdminDeps });
    await app.ready();
    expect(routes.sort()).toEqual(Object.keys(commands).sort());

    let help = "";
    await runAdmin(["help"], {
      findDatabase: async () => "",
      print: (text) => {
        help += text;
      },
      complain: () => undefined,
    });
    const known = help.split("\n").filter((line) => /^ {2}\S/.test(line));
    const missing = Object.values(commands).filter(
      (name) => !known.some((line) => `${line.trim()} `.startsWith(`${name} `)),
    );
    expect(missing).toEqual([]);
    expect(help).toContain("npm run votes -- export");
  });
});
