import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import type { Authentication } from "../accounting-types";
import { readUsage, type UsageRow } from "./read-usage";
import { usageCsv } from "./usage-csv";
import { callerName } from "./usage-record";

export type UsageRoutesOptions = {
  db: Database;
  authenticate: (request: FastifyRequest) => Authentication | Promise<Authentication>;
};

const querySchema = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  format: z.enum(["json", "csv"]).default("json"),
});

/**
 * `GET /api/usage?from=YYYY-MM-DD&to=YYYY-MM-DD&format=json|csv`: what the key that asks has used, by day (UTC) and
 * model; the last 30 days without a range. About a second behind. Errors: `invalid_api_key`, `invalid_request`.
 */
export async function usageRoutes(
  app: FastifyInstance,
  { db, authenticate }: UsageRoutesOptions,
): Promise<void> {
  app.get("/api/usage", async (request, reply) => {
    const { caller } = await authenticate(request);
    const { from, to, format } = parseInput(querySchema, request.query);
    const rows = await readUsage(db, { from, to, caller: callerName(caller) });
    reply.header("cache-control", "no-store");
    if (format === "json") return { object: "list", data: rows.map(toJson) };
    reply.header("content-type", "text/csv; charset=utf-8");
    reply.header("content-disposition", 'attachment; filename="usage.csv"');
    return usageCsv(rows);
  });
}

function toJson(row: UsageRow) {
  return {
    day: row.day,
    model: row.model,
    endpoint: row.endpoint,
    requests: row.requests,
    errors: row.errors,
    prompt_tokens: row.promptTokens,
    cached_tokens: row.cachedTokens,
    completion_tokens: row.completionTokens,
  };
}
