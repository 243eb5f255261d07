import type { Logger } from "pino";
import { withConnection } from "../connection";
import { appendChain } from "./append-chain";

export type ChainKeeper = {
  start(): void;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
};

/** How long a vote may wait for its place. Nothing but an export and a check looks at it. */
const everyMs = 5_000;

/**
 * Gives votes their places in the chain while the server runs. Each server may do it: they take turns. A failure costs
 * nothing but time, because what waits is in the database.
 */
export function createChainKeeper({
  databaseUrl,
  logger,
}: {
  databaseUrl: string;
  logger: Logger;
}): ChainKeeper {
  const abort = new AbortController();
  let running: Promise<void> | null = null;

  async function append(): Promise<void> {
    try {
      const appended = await withConnection(databaseUrl, (connection) =>
        appendChain(connection, abort.signal),
      );
      if (appended > 0) logger.debug({ votes: appended }, "votes chained");
    } catch (error) {
      if (!abort.signal.aborted)
        logger.warn({ err: error }, "the vote chain could not be continued; it will be tried again");
    }
  }

  const tick = () => {
    running ??= append().finally(() => {
      running = null;
    });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start() {
      timer ??= setInterval(tick, everyMs).unref();
    },
    async stop() {
      clearInterval(timer);
      abort.abort();
      await running;
    },
  };
}
