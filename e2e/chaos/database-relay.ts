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
  /**
   * refuse: every connection is reset, and so is each new one. hang: nothing passes any more, in connections that are open
   * and in new ones, and nobody is told; with `restore` it goes on where it was.
   */
  cut(how: "refuse" | "hang"): void;
  restore(): void;
  close(): Promise<void>;
};

type Pair = { client: Socket; database: Socket };

export async function startDatabaseRelay(firstTarget: number): Promise<DatabaseRelay> {
  let target = firstTarget;
  let state: "open" | "refuse" | "hang" = "open";
  const pairs = new Set<Pair>();
  const waiting = new Set<Socket>();

  const join = (client: Socket): void => {
    const pair = { client, database: connect(target, "127.0.0.1") };
    pairs.add(pair);
    for (const [from, to] of [
      [pair.client, pair.database],
      [pair.database, pair.client],
    ] as const) {
      from.pipe(to);
      // Whatever ends one end ends the other.
      from.on("error", () => from.destroy());
      from.once("close", () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  };
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    if (state === "open") join(client);
    else if (state === "refuse") client.resetAndDestroy();
    else {
      waiting.add(client);
      client.once("close", () => waiting.delete(client));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const dropAll = (): void => {
    for (const { client, database } of [...pairs]) {
      client.resetAndDestroy();
      database.destroy();
    }
    for (const client of [...waiting]) client.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
    },
    cut(how) {
      state = how;
      if (how === "refuse") dropAll();
      else
        for (const { client, database } of pairs)
          for (const socket of [client, database]) socket.unpipe().pause();
    },
    restore() {
      state = "open";
      for (const { client, database } of pairs) {
        client.pipe(database);
        database.pipe(client);
      }
      for (const client of [...waiting]) {
        waiting.delete(client);
        join(client);
      }
    },
    async close() {
      server.close();
      dropAll();
      await once(server, "close");
    },
  };
}
