import { z } from "zod";

/**
 * Queues and latencies over all servers.
 *
 *   GET /api/admin/queues → adminQueuesSchema
 */

/** Servers whose clocks do not agree with the database's, and the largest difference in milliseconds. */
export const clocksSchema = z.object({ off: z.number().int(), worstMs: z.number() });
export type ClocksView = z.infer<typeof clocksSchema>;

/** A vote that has waited for the integrity rules so long is one that nobody judges. */
export const stuckVoteMs = 600_000;

/** Votes that the integrity rules have not looked at: those that wait, the oldest wait, and those that could not be judged. */
export const judgingSchema = z.object({
  waiting: z.number().int(),
  oldestMs: z.number(),
  setAside: z.number().int(),
});

/** What is wrong with the site as a whole, whichever page of the console is open. */
export const noticesSchema = z.object({
  clocks: clocksSchema,
  /** Requests come by a proxy that TRUST_PROXY does not name. */
  isProxyUnnamed: z.boolean(),
  judging: judgingSchema,
});
export type NoticesView = z.infer<typeof noticesSchema>;

const latencySchema = z.object({ median: z.number().nullable(), p95: z.number().nullable() });

export const adminQueuesSchema = z.object({
  now: z.object({ servers: z.number().int(), waiting: z.number().int(), running: z.number().int() }),
  notices: noticesSchema,
  /** One point each 15 seconds over 15 minutes, oldest first, summed over the servers. */
  history: z.object({
    waiting: z.array(z.number()),
    running: z.array(z.number()),
    answered: z.array(z.number()),
    failed: z.array(z.number()),
  }),
  /** Of the last hour, milliseconds. */
  models: z.array(
    z.object({
      model: z.string(),
      answers: z.number().int(),
      failed: z.number().int(),
      firstToken: latencySchema,
      total: latencySchema,
      /** Of calls of the API; battles and chats do not measure it. */
      queueWait: latencySchema,
    }),
  ),
});
export type AdminQueues = z.infer<typeof adminQueuesSchema>;
