import type { AddressInfo } from "node:net";
import { createScriptedUpstream } from "./scripted-upstream";

/** The scripted upstream in a process of its own; ends with the process that started it. */

process.once("disconnect", () => process.exit(0));
const server = createScriptedUpstream();
server.listen(0, "127.0.0.1", 4096, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: "ready", url: `http://127.0.0.1:${port}` });
});
