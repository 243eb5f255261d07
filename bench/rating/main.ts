import { parseArgs } from "node:util";
import { machineLine } from "../machine";
import { markdownTable } from "../stats";
import { benchBoard } from "./board";
import { benchFits } from "./fits";
import { benchImport } from "./import";
import { benchPage } from "./page";
import { benchStyle } from "./style";

/** `npm run bench -- rating`: fits of real votes, style control, and a vote's way to the board. */

const parts = ["fits", "style", "board", "page", "import"];

const usage = `Usage: npm run bench -- rating [options]

  --only LIST     fits,style,board,page,import (all)
                    fits   lmarena_pairs_20240814.json of ARENA_TEST_DATA: fit, fit with sandwich, 200 bootstraps
                    style  1 million simulated rows, 130 models, 5 covariates: time and memory
                    board  a vote → refreshed board, and a board from memory, on an embedded PostgreSQL
                    page   /leaderboard of the production build (npm run build) over one connection
                    import a file of votes, imported and chained, on an embedded PostgreSQL
  --votes N       votes stored before the vote of "board", and for "page" (100000)
  --import N      votes of "import" (1000000)
  --models N      models of "board" and "page" (130)
  --port N        where the site of "page" listens meanwhile (43121)
  --rounds N      measurements of each figure (10); the median is shown
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: parts.join() },
    import: { type: "string", default: "1000000" },
    votes: { type: "string", default: "100000" },
    models: { type: "string", default: "130" },
    port: { type: "string", default: "43121" },
    rounds: { type: "string", default: "10" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help === true) {
  process.stdout.write(usage);
  process.exit(0);
}
const whole = (name: "votes" | "models" | "rounds" | "import" | "port"): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 2) return value;
  process.stderr.write(`--${name} needs a whole number of at least 2.\n`);
  process.exit(2);
};
const only = values.only.split(",");
const unknown = only.find((part) => !parts.includes(part));
if (unknown !== undefined) {
  process.stderr.write(`--only takes ${parts.join(", ")}, not "${unknown}".\n`);
  process.exit(2);
}
process.stdout.write(`${machineLine()}\n`);
const rounds = whole("rounds");
const rows: string[][] = [];
if (only.includes("fits")) rows.push(...benchFits(rounds));
if (only.includes("style")) rows.push(...benchStyle());
if (only.includes("board"))
  rows.push(...(await benchBoard({ votes: whole("votes"), models: whole("models"), rounds })));
if (only.includes("page")) {
  const size = { votes: whole("votes"), models: whole("models") };
  rows.push(...(await benchPage({ ...size, rounds, port: whole("port") })));
}
if (only.includes("import")) rows.push(...(await benchImport(whole("import"))));
process.stdout.write(`${markdownTable(["measurement", "median", "least", "most", "CPU", "goal"], rows)}\n`);
process.exit(0);
