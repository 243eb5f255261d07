import type { UsageRow } from "./read-usage";

const columns: readonly [header: string, value: (row: UsageRow) => string | number | null][] = [
  ["day", (row) => row.day],
  ["owner", (row) => row.ownerLabel],
  ["key", (row) => row.keyPrefix ?? row.caller],
  ["key_name", (row) => row.keyName],
  ["model", (row) => row.model],
  ["endpoint", (row) => row.endpoint],
  ["requests", (row) => row.requests],
  ["errors", (row) => row.errors],
  ["prompt_tokens", (row) => row.promptTokens],
  ["cached_tokens", (row) => row.cachedTokens],
  ["completion_tokens", (row) => row.completionTokens],
];

/** RFC 4180: a header row, CRLF after every row. */
export function usageCsv(rows: readonly UsageRow[]): string {
  const lines = [
    columns.map(([header]) => header),
    ...rows.map((row) => columns.map(([, value]) => value(row))),
  ];
  return lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/**
 * A text that begins as a formula does gets an apostrophe before it: spreadsheets run formulas from files, and a model's
 * or a key's name is chosen by whoever made it (OWASP, "CSV Injection").
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[\s]*[=+\-@\t\r\n|%]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
