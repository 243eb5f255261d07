import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { createControllerClient } from "@/workers/lifecycle";
import { scriptedModel } from "./scripted-upstream";

/**
 * Registers the scripted upstream's own address as a worker and keeps it alive, so that the path measured is client → server →
 * upstream, with no worker of ours between.
 */

const { values } = parseArgs({
  options: {
    controller: { type: "string", default: "" },
    upstream: { type: "string", default: "" },
    "join-token": { type: "string", default: "" },
  },
});
process.once("disconnect", () => process.exit(0));
const client = createControllerClient([values.controller], values["join-token"]);
const { workerId, secret, heartbeatMs } = await client.register({
  instanceId: randomUUID(),
  url: values.upstream,
  engine: "attach",
  version: "scripted",
  device: "none",
  slots: 4096,
  models: [
    {
      name: scriptedModel,
      displayName: "Scripted",
      organization: null,
      licence: null,
      contextLength: 131_072,
      capabilities: ["chat"],
      tags: [],
    },
  ],
});
// A heartbeat that fails ends this process, and the run with it: figures without a worker would mean nothing.
setInterval(async () => {
  await client.heartbeat(workerId, secret, { busySlots: 0, queued: 0, tokensPerSecond: null });
}, heartbeatMs);
process.send?.({ type: "ready", url: values.upstream });
