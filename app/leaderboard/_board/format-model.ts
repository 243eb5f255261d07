/** 32768 tokens are 32k. */
export function formatContext(tokens: number | null): string {
  if (tokens === null) return "";
  return tokens < 1024 ? String(tokens) : `${Math.round(tokens / 1024)}k`;
}

/** With a no-break space, as the percentages of the page are written. */
export function formatShare(share: number | null): string {
  return share === null ? "" : `${Math.round(share * 100)}\u00a0%`;
}
