import type { BoardName } from "@/lib/protocol";

/** The page of a model. */
export function modelHref(model: string, board: BoardName = "blind"): string {
  return `/models/${encodeURIComponent(model)}${board === "blind" ? "" : `?board=${board}`}`;
}

/** Two models against each other; without the second the page asks for it. */
export function headToHeadHref(a: string, b?: string, board: BoardName = "blind"): string {
  const query = new URLSearchParams({ a });
  if (b !== undefined) query.set("b", b);
  if (board !== "blind") query.set("board", board);
  return `/leaderboard/h2h?${query}`;
}
