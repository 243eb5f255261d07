import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { z } from "zod";
import { findChromium } from "@/e2e/run/find-chromium";
import { loadLine, machineLine } from "../machine";
import { figure, markdownTable, median, quantile } from "../stats";
import { type LoadFigures, measureLoad } from "./measure-load";
import { measureStreams, type StreamFigures } from "./measure-streams";
import { startBenchSite } from "./site";

/** `npm run bench -- web`: what the battle page costs a visitor's browser. */

const usage = `Usage: npm run bench -- web [options]

The first visit of / and a battle of two streams, in a real browser, on the production build.

  --loads N        first visits (5)
  --battles N      battles of about 20 seconds (2)
  --port N         where the site listens meanwhile (43120)
  --profile FILE   writes a CPU profile of the page during the last battle (.cpuprofile); its figures are then no measure
  --json FILE      all figures
`;

const optionsSchema = z.object({
  loads: z.coerce.number().int().min(1).max(100).default(5),
  battles: z.coerce.number().int().min(0).max(20).default(2),
  port: z.coerce.number().int().min(1024).max(65_535).default(43_120),
  profile: z.string().min(1).optional(),
  json: z.string().min(1).optional(),
});

const { values } = parseArgs({
  options: {
    loads: { type: "string" },
    battles: { type: "string" },
    port: { type: "string" },
    profile: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (values.help === true) {
  process.stdout.write(usage);
} else {
  const options = optionsSchema.parse(values);
  print(machineLine());
  const { executablePath, args } = await findChromium();
  const site = await startBenchSite(options.port);
  try {
    const browser = await chromium.launch({ executablePath, args });
    try {
      // The server reads its pages from the disk with their first visit.
      await measureLoad(browser, site.url);
      const loads: LoadFigures[] = [];
      for (let n = 0; n < options.loads; n += 1) loads.push(await measureLoad(browser, site.url));
      const streams: StreamFigures[] = [];
      for (let n = 0; n < options.battles; n += 1) {
        const isLast = n === options.battles - 1;
        streams.push(await measureStreams(browser, site.url, isLast ? (options.profile ?? null) : null));
      }
      print(`\nChromium ${browser.version()}\n\n${table(loads, streams)}\n\n${loadLine()}`);
      if (options.json !== undefined)
        await writeFile(options.json, `${JSON.stringify({ loads, streams }, null, 1)}\n`);
    } finally {
      await browser.close();
    }
  } finally {
    await site.stop();
  }
}

function table(loads: readonly LoadFigures[], streams: readonly StreamFigures[]): string {
  const paints = loads.map(({ largestPaintMs }) => largestPaintMs);
  const bytes = Math.max(...loads.map(({ scriptBytes }) => scriptBytes));
  const html = Math.max(...loads.map(({ documentBytes }) => documentBytes));
  const rows = [
    ["HTML of the first visit, gzip, KB", figure(html / 1024), "", "≤ 20"],
    ["scripts of the first visit, gzip, KB", figure(bytes / 1024), "", "≤ 170"],
    ["largest contentful paint, ms", figure(median(paints)), figure(Math.max(...paints)), "≤ 1,000"],
  ];
  if (streams.length > 0) {
    const shifts = streams.map(({ shiftAtStart }) => shiftAtStart);
    const frames = streams.flatMap(({ streaming }) => streaming.framesMs);
    const tasks = streams.flatMap(({ streaming }) => streaming.longTasksMs);
    const rate = (1000 * frames.length) / frames.reduce((sum, each) => sum + each, 0);
    const late = (100 * frames.filter((each) => each > 33.4).length) / frames.length;
    const cpu = (1000 * streams.reduce((sum, each) => sum + each.mainThreadSeconds, 0)) / frames.length;
    rows.push(
      ["layout shift when streams start", figure(median(shifts)), figure(Math.max(...shifts)), "0"],
      ["frames a second while two streams run", figure(rate), "", "60"],
      ["time between frames, 99 %, ms", figure(quantile(frames, 0.99)), figure(Math.max(...frames)), "≤ 33"],
      ["main thread: CPU a frame, ms", figure(cpu), "", "≤ 8"],
      ["frames later than 33 ms, %", figure(late), "", "0"],
      [
        "tasks above 50 ms, in all",
        String(tasks.length),
        tasks.length === 0 ? "" : figure(Math.max(...tasks)),
        "0",
      ],
    );
  }
  return markdownTable(["measurement", "median", "most", "goal"], rows);
}
