import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { cancelReleaseSchema, parseInput, releaseRequestSchema } from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";
import { cancelReleaseJob, listReleaseJobs, startReleaseJob } from "./release-jobs";

/** As lib/protocol/admin/releases.ts describes them. */
export async function releaseAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db, releases } = admin;

  app.get("/api/admin/releases", async (request) => {
    await actorOf(admin, request);
    return { jobs: await listReleaseJobs(db) };
  });

  app.post("/api/admin/releases", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const input = parseInput(releaseRequestSchema, request.body);
    await releases.requireFree(input.release);
    const job = await startReleaseJob(db, actor, input);
    releases.begin(job.id);
    return reply.code(202).send(job);
  });

  app.post("/api/admin/releases/:id/cancel", async (request, reply) => {
    const actor = await actorOf(admin, request);
    const { id } = parseInput(z.object({ id: z.uuid() }), request.params);
    parseInput(cancelReleaseSchema, request.body);
    await cancelReleaseJob(db, actor, id);
    return reply.code(204).send();
  });
}
