import { listSettings } from "@/lib/env";

const begin = "<!-- settings: written by npm run docs:settings -->";
const end = "<!-- /settings -->";

/** The settings of every program as a Markdown table. */
function settingsTable(): string {
  const rows = listSettings().map(
    ({ name, byDefault, readBy, meaning }) =>
      `| \`${name}\` | ${byDefault} | ${readBy.join(", ")} | ${meaning} |`,
  );
  return ["| variable | default | read by | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** A page with the table between its two marks. Throws where the marks are missing. */
export function withSettingsTable(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no ${begin} … ${end}.`);
  return `${page.slice(0, from)}${begin}\n${settingsTable()}\n${page.slice(to)}`;
}
