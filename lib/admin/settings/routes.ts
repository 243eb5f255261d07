import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseInput, settingsRevertSchema } from "@/lib/protocol";
import { changeSettings, settingsHistory } from "@/lib/settings";
import { type AdminDeps, actorOf } from "../deps";
import { revertSettings, sectionOf, viewSection, viewSettings } from "./settings-view";

const paramsSchema = z.object({ section: z.string() });

/** As lib/protocol/admin/site.ts describes them. */
export async function settingsAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db } = admin;
  const named = (params: unknown) => sectionOf(parseInput(paramsSchema, params).section);

  app.get("/api/admin/settings", async (request) => {
    await actorOf(admin, request);
    return { sections: await viewSettings(db) };
  });

  app.put("/api/admin/settings/:section", async (request) => {
    const actor = await actorOf(admin, request);
    const section = named(request.params);
    return viewSection(section, await changeSettings(db, actor, section, request.body));
  });

  app.get("/api/admin/settings/:section/history", async (request) => {
    await actorOf(admin, request);
    return { changes: await settingsHistory(db, named(request.params)) };
  });

  app.post("/api/admin/settings/:section/revert", async (request) => {
    const actor = await actorOf(admin, request);
    const section = named(request.params);
    const { id } = parseInput(settingsRevertSchema, request.body);
    return viewSection(section, await revertSettings(db, actor, section, id));
  });
}
