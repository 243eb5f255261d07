export type Cell = string | number | boolean | Date | null;

/** Columns for a terminal, as wide as their longest cell. Control characters, which could steer the terminal, become `?`. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [header.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(cellText))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

function cellText(value: Cell): string {
  if (value === null) return "-";
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace("T", " ");
  return String(value).replace(/\p{Cc}/gu, "?");
}
