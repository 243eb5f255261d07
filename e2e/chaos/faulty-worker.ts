import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createControllerClient } from "@/workers/lifecycle";

/** What a bad worker does with a request, before its first byte or in the middle of a stream. */
export const faults = ["reset", "stall", "garbage", "half-close"] as const;
export type Fault = (typeof faults)[number];

export type FaultyWorkerOptions = {
  name: string;
  fault: Fault | "flood";
  /** Pieces of text before the fault; 0: before any byte of the answer. */
  afterPieces: number;
  /** Bytes of a flood. */
  floodBytes?: number;
};

export type FaultyWorker = { requests(): number; close(): Promise<void> };

const heartbeatMs = 250;

/** Registers as a worker with many slots, says that it is well, and then does to each request what its fault is. */
export async function startFaultyWorker(
  controllerUrl: string,
  joinToken: string,
  { name, fault, afterPieces, floodBytes = 0 }: FaultyWorkerOptions,
): Promise<FaultyWorker> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const http = createHttpServer({ keepAlive: true }, (request, response) => {
    request.resume();
    if (request.method === "GET") {
      response.end('{"object":"list","data":[]}');
      return;
    }
    request.on("end", () => {
      requests += 1;
      const socket = response.socket as Socket;
      if (fault === "flood") {
        void flood(response, floodBytes);
        return;
      }
      if (afterPieces === 0) {
        misbehave(fault, socket);
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let index = 0; index < afterPieces; index += 1) response.write(chunk(`piece ${index} `));
      setImmediate(() => (fault === "garbage" ? garble(response) : misbehave(fault, socket)));
    });
  });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    http.emit("connection", socket);
  });
  server.listen(0, "127.0.0.1", 4096);
  await once(server, "listening");
  const client = createControllerClient([controllerUrl], joinToken);
  const { workerId, secret } = await client.register({
    instanceId: randomUUID(),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    engine: "attach",
    version: "faulty",
    device: "none",
    slots: 1024,
    models: [
      {
        ...{ name, displayName: name, organization: null, licence: null },
        ...{ contextLength: 131_072, capabilities: ["chat"], tags: [] },
      },
    ],
  });
  // A server that is down for a moment is no reason to end: the next heartbeat tells.
  const timer = setInterval(() => {
    client.heartbeat(workerId, secret, { busySlots: 0, queued: 0, tokensPerSecond: null }).then(
      () => undefined,
      () => undefined,
    );
  }, heartbeatMs);
  return {
    requests: () => requests,
    async close() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function misbehave(fault: Fault, socket: Socket): void {
  if (fault === "reset") socket.resetAndDestroy();
  if (fault === "garbage") socket.end("\x16\x03\x01 this is no HTTP\r\n\r\n");
  if (fault === "half-close") socket.end();
  // "stall": nothing ever comes, and the connection stays.
}

/** Bytes that are neither UTF-8 nor events, and then the end of a well-formed HTTP answer. */
function garble(response: ServerResponse): void {
  response.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a, 0x0a]));
  response.end("data: {not json\n\n");
}

function chunk(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 0, model: "x", choices })}\n\n`;
}

/** As much as the reader takes, and no more at once. */
async function flood(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const piece = chunk("0123456789abcdef".repeat(1024));
  for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
    if (!response.write(piece)) await drained(response);
  }
  response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
}

/** Settles when more may be written, or nobody is there any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}
