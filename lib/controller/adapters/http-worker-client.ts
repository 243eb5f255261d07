import { isIP } from "node:net";
import { buildConnector, Client, type Dispatcher, Pool } from "undici";
import { AppError } from "@/lib/errors";
import type { WorkerAddress, WorkerClient } from "../ports";
import type { AllowedNetworks } from "./allowed-networks";
import { type ConnectionHistory, WorkerExchange } from "./worker-exchange";

export type HttpWorkerClientOptions = {
  networks: AllowedNetworks;
  secretOf: (workerId: string) => string;
  /** Longest wait for the first byte, and between two bytes. */
  upstreamTimeoutMs: number;
};

/** A worker that does not take a connection in this time is unreachable, however long its answers may take. */
const connectTimeoutMs = 5_000;
const probeTimeoutMs = 3_000;

type WorkerConnections = {
  /** As it was registered. */
  url: string;
  /** Without a limit of its own: the registry's bound on claims is the limit. */
  pool: Pool;
  /** A connection of its own for one request. */
  fresh: () => Client;
  authorization: string;
};

/** undici over keep-alive connections, one pool for each worker. Redirects are answers like any other, never followed. */
export function createHttpWorkerClient(options: HttpWorkerClientOptions): WorkerClient {
  const workers = new Map<string, WorkerConnections>();
  const retiring = new Set<Dispatcher>();
  const connect = guardedConnector(options);

  const open = (worker: WorkerAddress): WorkerConnections => {
    const known = workers.get(worker.id);
    if (known?.url === worker.url) return known;
    if (known !== undefined) retire(known.pool);
    const { origin } = new URL(worker.url);
    const clientOptions: Client.Options = {
      headersTimeout: options.upstreamTimeoutMs,
      bodyTimeout: options.upstreamTimeoutMs,
    };
    const fresh = (): Client => new TrackedClient(origin, clientOptions, connect);
    const opened: WorkerConnections = {
      url: worker.url,
      pool: new Pool(origin, { factory: fresh }),
      fresh,
      authorization: `Bearer ${options.secretOf(worker.id)}`,
    };
    workers.set(worker.id, opened);
    return opened;
  };

  /** Running requests end by themselves; only then are the connections closed. */
  const retire = (dispatcher: Dispatcher): void => {
    retiring.add(dispatcher);
    dispatcher.close(() => retiring.delete(dispatcher));
  };

  return {
    send: (request) => {
      const connections = open(request.worker);
      const wire: TrackedOptions = {
        path: request.path,
        method: "POST",
        headers: {
          authorization: connections.authorization,
          "content-type": "application/json",
          "x-request-id": request.requestId,
        },
        body: request.body,
        exchange: null,
      };
      const exchange: WorkerExchange = new WorkerExchange({
        signal: request.signal,
        onSettled: request.onSettled,
        resend: () => {
          const client = connections.fresh();
          client.dispatch(wire, exchange);
          retire(client);
        },
      });
      wire.exchange = exchange;
      if (!request.signal.aborted) connections.pool.dispatch(wire, exchange);
      return exchange.answer;
    },

    probe: async (worker) => {
      const { pool, authorization } = open(worker);
      try {
        const answer = await pool.request({
          path: "/v1/models",
          method: "GET",
          headers: { authorization },
          headersTimeout: probeTimeoutMs,
          bodyTimeout: probeTimeoutMs,
        });
        await answer.body.dump();
        return answer.statusCode === 200;
      } catch {
        // Whatever went wrong, the worker did not answer; the caller tries again.
        return false;
      }
    },

    forget: (workerId) => {
      const known = workers.get(workerId);
      if (known === undefined) return;
      workers.delete(workerId);
      retire(known.pool);
    },

    close: async () => {
      const all = [...[...workers.values()].map(({ pool }) => pool), ...retiring];
      workers.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

type TrackedOptions = Dispatcher.DispatchOptions & { exchange: WorkerExchange | null };

/** One connection that remembers how much it has served, so that a reset on a reused socket can be told from a refusal. */
class TrackedClient extends Client {
  readonly #history: ConnectionHistory;
  /** A client of the pool has one request at a time. Null: a probe, or none yet. */
  #latest: WorkerExchange | null = null;

  constructor(origin: string, options: Client.Options, connect: buildConnector.connector) {
    const history: ConnectionHistory = { served: 0 };
    super(origin, {
      ...options,
      connect: (target, callback) => {
        history.served = 0;
        // undici replaces a connection that was cut by its reader, although nobody waits for it any more.
        if (this.#latest?.isSettled === true) callback(new Error("Nobody waits for this connection."), null);
        else connect(target, callback);
      },
    });
    this.#history = history;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { exchange } = options as Partial<TrackedOptions>;
    if (exchange) exchange.connection = this.#history;
    this.#latest = exchange ?? null;
    return super.dispatch(options, handler);
  }
}

/** Dials checked addresses only. A literal address is checked here, because `net.connect` looks up names alone. */
function guardedConnector({ networks }: HttpWorkerClientOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup: networks.lookup });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0 && !networks.allows(host)) {
      callback(new AppError("worker_address_refused"), null);
      return;
    }
    connect(target, callback);
  };
}
