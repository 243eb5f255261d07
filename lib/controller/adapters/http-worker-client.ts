import { isIP } from "node:net";
import { buildConnector } from "undici";
import { AppError } from "@/lib/errors";
import { type WorkerAddress, type WorkerClient, WorkerFailure, type WorkerRequest } from "../ports";
import type { AllowedNetworks } from "./allowed-networks";
import { ConnectionPool, type ConnectRequest } from "./connection-pool";
import { ownReads, streamReads } from "./socket-reads";
import { WorkerExchange } from "./worker-exchange";

export type HttpWorkerClientOptions = {
  networks: AllowedNetworks;
  secretOf: (workerId: string) => string;
  /** Longest wait for the first byte, and between two bytes. */
  upstreamTimeoutMs: number;
  /** Longest wait for the first byte of an answer that comes as a whole. */
  wholeAnswerTimeoutMs: number;
};

/** A worker that does not take a connection in this time is unreachable, however long its answers may take. */
const connectTimeoutMs = 5_000;
const probeTimeoutMs = 3_000;

type WorkerConnections = {
  /** As it was registered. */
  url: string;
  /** Without a limit of its own: the registry's bound on claims is the limit. */
  pool: ConnectionPool;
  /** Header lines that are the same for all requests to this worker. */
  fields: string;
};

/**
 * HTTP/1.1 over keep-alive connections, one pool for each worker. Redirects are answers like any other, never followed.
 *
 * The connections are our own, because every token passes through here: a general client takes two to three times as long
 * for it (bench/README.md). They are opened by undici's connector, which knows TLS and its sessions.
 */
export function createHttpWorkerClient(options: HttpWorkerClientOptions): WorkerClient {
  const workers = new Map<string, WorkerConnections>();
  /** Of workers that have gone or moved, until their last answer has ended. */
  const retiring = new Set<ConnectionPool>();
  const connect = guardedConnector(options);

  const open = (worker: WorkerAddress): WorkerConnections => {
    const known = workers.get(worker.id);
    if (known?.url === worker.url) return known;
    if (known !== undefined) retire(known.pool);
    const url = new URL(worker.url);
    const opened: WorkerConnections = {
      url: worker.url,
      pool: new ConnectionPool({
        connect: (callback) => connect(url, callback),
        timeoutMs: options.upstreamTimeoutMs,
        wholeTimeoutMs: options.wholeAnswerTimeoutMs,
      }),
      fields: `host: ${url.host}\r\nauthorization: Bearer ${options.secretOf(worker.id)}\r\n`,
    };
    workers.set(worker.id, opened);
    return opened;
  };

  const retire = (pool: ConnectionPool): void => {
    retiring.add(pool);
    pool.retire(() => retiring.delete(pool));
  };

  return {
    send: (request) => {
      const { pool, fields } = open(request.worker);
      const { signal, onSettled, isWhole } = request;
      try {
        const bytes = requestBytes(request, fields);
        return new WorkerExchange({
          signal,
          onSettled,
          pool,
          request: bytes,
          kind: isWhole ? "whole" : "stream",
        }).answer;
      } catch (error) {
        const failure = new WorkerFailure("broken", error);
        onSettled(failure);
        return Promise.reject(failure);
      }
    },

    probe: async (worker) => {
      const { pool, fields } = open(worker);
      const exchange = new WorkerExchange({
        signal: AbortSignal.timeout(probeTimeoutMs),
        onSettled: () => undefined,
        pool,
        kind: "probe",
        request: Buffer.from(`GET /v1/models HTTP/1.1\r\n${fields}\r\n`, "latin1"),
      });
      try {
        const answer = await exchange.answer;
        answer.body?.destroy();
        return answer.status === 200;
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

    cutOff: (workerId) => {
      const known = workers.get(workerId);
      if (known === undefined) return;
      workers.delete(workerId);
      void known.pool.destroy(new Error("The operator has ejected the worker."));
    },

    close: async () => {
      const pools = [...[...workers.values()].map(({ pool }) => pool), ...retiring];
      workers.clear();
      const reason = new AppError("shutting_down");
      await Promise.all(pools.map((pool) => pool.destroy(reason)));
    },
  };
}

const requestIdPattern = /^[\x21-\x7e]{1,256}$/;

/** In one piece, which is one write to the socket. */
function requestBytes({ path, requestId, traceparent, body }: WorkerRequest, fields: string): Buffer {
  // Whoever chose it: it must not end its line.
  if (!requestIdPattern.test(requestId))
    throw new AppError("internal", { message: "A request id is not one." });
  const size = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const place = traceparent === undefined ? "" : `traceparent: ${traceparent}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\n${fields}content-type: application/json\r\nx-request-id: ${requestId}\r\n${place}content-length: ${size}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + size);
  bytes.write(head, 0, "latin1");
  if (typeof body === "string") bytes.write(body, head.length, "utf8");
  else body.copy(bytes, head.length);
  return bytes;
}

type Connect = (url: URL, callback: ConnectRequest) => void;

/** Dials checked addresses only. A literal address is checked here, because `net.connect` looks up names alone. */
function guardedConnector({ networks }: HttpWorkerClientOptions): Connect {
  const options = { timeout: connectTimeoutMs, lookup: networks.lookup };
  const connectSecurely = buildConnector(options);
  return ({ hostname, host, protocol, port }, callback) => {
    const address = hostname.replace(/^\[|\]$/g, "");
    if (isIP(address) !== 0 && !networks.allows(address)) {
      callback(new AppError("worker_address_refused"), null);
      return;
    }
    const to = { hostname: address, host, protocol, port };
    if (protocol === "https:") {
      // One for all, because it keeps the sessions.
      connectSecurely(to, (error, socket) =>
        error === null ? callback(null, streamReads(socket)) : callback(error, null),
      );
      return;
    }
    const { onread, reads } = ownReads();
    // Its types leave out that it hands what it does not know to `net.connect`.
    const withReads = { ...options, onread } as buildConnector.BuildOptions;
    buildConnector(withReads)(to, (error, socket) =>
      error === null ? callback(null, reads(socket)) : callback(error, null),
    );
  };
}
