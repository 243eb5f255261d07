import { once } from "node:events";
import { createServer } from "node:net";

/** A loopback port that nobody listens on now. Somebody may take it before it is used: be ready to try again. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A listening server has no port.");
  return address.port;
}
