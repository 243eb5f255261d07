import type { FastifyInstance } from "fastify";
import { type PolicyProposal, simulatePolicy } from "@/lib/arena";
import { parseInput, samplingRequestSchema } from "@/lib/protocol";
import { type AdminDeps, actorOf } from "../deps";
import { changeSampling, viewSampling } from "./change-sampling";

/** A simulation of the largest boards takes some seconds; a client that goes ends it earlier. */
const simulationLimitMs = 25_000;

/** As lib/protocol/admin/sampling.ts describes them. */
export async function samplingAdminRoutes(
  app: FastifyInstance,
  { admin }: { admin: AdminDeps },
): Promise<void> {
  const { db, controller, leaderboard, selfDuelRate } = admin;

  app.get("/api/admin/sampling", async (request) => {
    await actorOf(admin, request);
    return await viewSampling(db);
  });

  app.post("/api/admin/sampling/simulate", async (request, reply) => {
    await actorOf(admin, request);
    const { policy } = parseInput(samplingRequestSchema, request.body);
    const gone = new AbortController();
    const onClose = () => gone.abort();
    reply.raw.once("close", onClose);
    try {
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(simulationLimitMs)]);
      const deps = { db, controller, leaderboard, selfDuelRate };
      const { votes, inForce, proposed } = await simulatePolicy(deps, { policy } as PolicyProposal, signal);
      return { votes, inForce, proposed };
    } finally {
      reply.raw.off("close", onClose);
    }
  });

  app.put("/api/admin/sampling", async (request) => {
    const actor = await actorOf(admin, request);
    const { policy } = parseInput(samplingRequestSchema, request.body);
    await changeSampling(db, actor, policy);
    return await viewSampling(db);
  });
}
