import { z } from "zod";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";

/** A day as `YYYY-MM-DD`, in UTC. */
const daySchema = z.iso.date();

export const usageRangeSchema = z
  .object({ from: daySchema.optional(), to: daySchema.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    message: "is after `to`",
    path: ["from"],
  });

export type UsageQuery = z.input<typeof usageRangeSchema> & {
  /** As in `usage_records`, one or several; absent: all callers. */
  caller?: string | readonly string[];
};

/** One line of usage: sums of a day, a model and an endpoint. */
export type UsageRow = {
  day: string;
  caller: string;
  /** Of the key; null for `environment` and `loopback`. */
  ownerLabel: string | null;
  keyName: string | null;
  keyPrefix: string | null;
  model: string;
  endpoint: string;
  requests: number;
  errors: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
};

/** So many days are told where no range is given. */
const defaultDays = 30;
const dayMs = 86_400_000;

/** Sums by day and model, oldest first; `from` and `to` are both included. Errors: `invalid_request`. */
export async function readUsage(db: Database, query: UsageQuery, now = new Date()): Promise<UsageRow[]> {
  const { first, last } = usageRange(query, now);
  const rows = await db.usageDay.findMany({
    where: {
      caller: typeof query.caller === "object" ? { in: [...query.caller] } : query.caller,
      day: { gte: first, lte: last },
    },
    orderBy: [{ day: "asc" }, { caller: "asc" }, { model: "asc" }, { endpoint: "asc" }],
  });
  const callers = [...new Set(rows.map(({ caller }) => caller))];
  const keys = await db.apiKey.findMany({
    where: { id: { in: callers.filter((caller) => z.uuid().safeParse(caller).success) } },
    select: { id: true, ownerLabel: true, name: true, prefix: true },
  });
  const byId = new Map(keys.map((key) => [key.id, key]));
  return rows.map((row) => {
    const key = byId.get(row.caller);
    return {
      day: row.day.toISOString().slice(0, 10),
      caller: row.caller,
      ownerLabel: key?.ownerLabel ?? null,
      keyName: key?.name ?? null,
      keyPrefix: key?.prefix ?? null,
      model: row.model,
      endpoint: row.endpoint,
      requests: Number(row.requests),
      errors: Number(row.errors),
      promptTokens: Number(row.promptTokens),
      cachedTokens: Number(row.cachedTokens),
      completionTokens: Number(row.completionTokens),
    };
  });
}

/** The days that are meant: the last 30 where nothing else is said. Errors: `invalid_request`. */
export function usageRange(query: UsageQuery, now: Date): { first: Date; last: Date } {
  const { from, to } = parseInput(usageRangeSchema, { from: query.from, to: query.to });
  const last = to === undefined ? now : new Date(to);
  const first = from === undefined ? new Date(last.getTime() - (defaultDays - 1) * dayMs) : new Date(from);
  return { first: startOfDay(first), last: startOfDay(last) };
}

function startOfDay(time: Date): Date {
  return new Date(`${time.toISOString().slice(0, 10)}T00:00:00Z`);
}
