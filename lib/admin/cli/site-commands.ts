import { z } from "zod";
import { readUsage, usageCsv } from "@/lib/accounts";
import { parseInput } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";

const usage: Command = {
  name: "usage",
  usage: "[--from YYYY-MM-DD] [--to YYYY-MM-DD] [--caller KEY-ID|environment|loopback] [--csv]",
  summary: "Requests and tokens by day (UTC), key and model; the last 30 days without a range.",
  operands: [],
  options: {
    from: { type: "string" },
    to: { type: "string" },
    caller: { type: "string" },
    csv: { type: "boolean" },
  },
  async run({ db, now, values }) {
    const schema = z.object({
      from: z.string().optional(),
      to: z.string().optional(),
      caller: z.string().optional(),
    });
    const rows = await readUsage(db, parseInput(schema, values), now);
    if (values["csv"] === true) return { json: rows, text: usageCsv(rows) };
    const header = [
      "day",
      "owner",
      "key",
      "model",
      "endpoint",
      "requests",
      "errors",
      "prompt",
      "cached",
      "completion",
    ];
    const cells = rows.map((row) => [
      row.day,
      row.ownerLabel,
      row.keyPrefix ?? row.caller,
      row.model,
      row.endpoint,
      row.requests,
      row.errors,
      row.promptTokens,
      row.cachedTokens,
      row.completionTokens,
    ]);
    return { json: rows, text: table(header, cells) };
  },
};

export const siteCommands: readonly Command[] = [usage];
