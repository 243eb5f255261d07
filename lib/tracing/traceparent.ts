/** Where a span stands in its trace. Source: W3C Trace Context, level 2. */
export type SpanPlace = { traceId: string; spanId: string; traceFlags: number };

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** Null for what is no valid `traceparent`: such a header counts as not sent. Later versions may say more at the end. */
export function parseTraceparent(header: string | string[] | undefined): SpanPlace | null {
  if (typeof header !== "string") return null;
  const [, version, traceId = "", spanId = "", flags = "", more] = pattern.exec(header) ?? [];
  if (version === undefined || version === "ff") return null;
  if (version === "00" && more !== undefined) return null;
  if (zeros.test(traceId) || zeros.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

export function traceparentOf({ traceId, spanId, traceFlags }: SpanPlace): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}
