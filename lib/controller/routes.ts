import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { AppError } from "@/lib/errors";
import { handleApiError } from "@/lib/http";
import { heartbeatRequestSchema, parseInput, registerRequestSchema } from "@/lib/protocol";
import type { Controller } from "./types";

export type WorkerRoutesOptions = { controller: Pick<Controller, "register" | "heartbeat" | "leave"> };

/** 256 models with their words fit many times over. */
const bodyLimitBytes = 512 * 1024;

/**
 * `POST /api/workers`, `POST /api/workers/:id/heartbeat`, `DELETE /api/workers/:id`, as lib/protocol/worker.ts
 * describes them. Authenticated by join token or worker secret, never by cookie, so no page in a browser can call them.
 */
export const workerRoutes: FastifyPluginAsync<WorkerRoutesOptions> = async (fastify, { controller }) => {
  fastify.setErrorHandler(handleApiError);

  fastify.post("/api/workers", { bodyLimit: bodyLimitBytes }, async (request, reply) => {
    const joinToken = bearerToken(request, "invalid_join_token");
    const response = await controller.register(joinToken, parseInput(registerRequestSchema, request.body));
    return reply.code(201).send(response);
  });

  fastify.post<{ Params: { id: string } }>(
    "/api/workers/:id/heartbeat",
    { bodyLimit: bodyLimitBytes },
    async (request) => {
      const secret = bearerToken(request, "invalid_worker_secret");
      const report = parseInput(heartbeatRequestSchema, request.body);
      return await controller.heartbeat(request.params.id, secret, report);
    },
  );

  fastify.delete<{ Params: { id: string } }>("/api/workers/:id", async (request, reply) => {
    await controller.leave(request.params.id, bearerToken(request, "invalid_worker_secret"));
    return reply.code(204).send();
  });
};

function bearerToken(request: FastifyRequest, code: "invalid_join_token" | "invalid_worker_secret"): string {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) throw new AppError(code);
  return token;
}
