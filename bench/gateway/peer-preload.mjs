import { Server } from "node:net";

/**
 * `node --import` this before a peer's server: it then listens on loopback alone, tells its parent the address, and ends
 * with it, whatever its own options are.
 */

process.once("disconnect", () => process.exit(0));
const { listen } = Server.prototype;
Server.prototype.listen = function (first, ...rest) {
  this.once("listening", () => {
    process.send?.({ type: "ready", url: `http://127.0.0.1:${this.address().port}` });
  });
  const callback = rest.findLast((value) => typeof value === "function");
  const port = typeof first === "object" ? first.port : first;
  return listen.call(this, { port: Number(port), host: "127.0.0.1", backlog: 4096 }, callback);
};
