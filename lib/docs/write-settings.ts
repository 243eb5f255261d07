import { readFile, writeFile } from "node:fs/promises";
import { withSettingsTable } from "./settings-table";

// `npm run docs:settings`: the README's table of settings, from the schemas of lib/env.

const page = await readFile("README.md", "utf8");
await writeFile("README.md", withSettingsTable(page));
