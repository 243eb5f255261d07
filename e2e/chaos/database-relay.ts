import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A TCP relay before the database: its port stays while the database behind it is restarted, and it can cut the way as a
 * network does.
 */
export type DatabaseRelay = {
  port: number;
  /** Where new connections lead from now on. */
  leadTo(port: number): void;
  /** Cuts every connection; new ones are refused at once ("refuse") or accepted and never answered ("silent"). */
  cut(how: "refuse" | "silent"): void;
  restore(): void;
  close(): Promise<void>;
};

export async function startDatabaseRelay(firstTarget: number): Promise<DatabaseRelay> {
  let target = firstTarget;
  let state: "open" | "refuse" | "silent" = "open";
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Whatever ends one end ends the other; the peers of the relay see a closed connection.
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((client) => {
    keep(client);
    if (state === "refuse") client.resetAndDestroy();
    if (state !== "open") return;
    const database = connect(target, "127.0.0.1");
    keep(database);
    client.pipe(database);
    database.pipe(client);
    client.once("close", () => database.destroy());
    database.once("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dropAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
    },
    cut(how) {
      state = how;
      dropAll();
    },
    restore() {
      state = "open";
      // Those that were left hanging have to begin anew.
      dropAll();
    },
    async close() {
      server.close();
      dropAll();
      await once(server, "close");
    },
  };
}
