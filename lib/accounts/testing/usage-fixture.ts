import { createDatabase } from "@/lib/db";
import { insertUsage } from "../usage/insert-usage";
import { toUsageRecord } from "../usage/usage-record";
import { createUsageWriter } from "../usage/usage-writer";

// A process that records usage without end and tells its parent how much was written, until it is killed.

const db = createDatabase(process.argv[2] ?? "");
const silent = () => undefined;
let written = 0;
const writer = createUsageWriter({
  insert: (records) => insertUsage(db, records),
  logger: { info: silent, warn: silent, error: silent },
  onWritten: (count) => {
    written += count;
    process.send?.({ added, written });
  },
});
writer.start();

const request = { model: "demo", endpoint: "chat", estimatedTokens: 0, requestId: "r" } as const;
const result = { status: 200, outcome: "complete", completionTokens: 1 };
let added = 0;
setInterval(() => {
  for (let count = 0; count < 20; count++) {
    writer.add(toUsageRecord(null, request, result, new Date()));
    added++;
  }
}, 5);
