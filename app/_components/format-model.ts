import type { Locale } from "@/lib/i18n";
import type { LeaderboardRow } from "@/lib/protocol";
import { formatShare } from "./format-number";

/** 32768 tokens are 32k. */
export function formatContext(tokens: number | null): string {
  if (tokens === null) return "";
  return tokens < 1024 ? String(tokens) : `${Math.round(tokens / 1024)}k`;
}

export function formatWinRate(share: number | null): string {
  return share === null ? "" : formatShare(share);
}

/** US dollars for a million tokens, what is read and what is written: "$0.50 / $1.50". */
export function formatPrice(price: LeaderboardRow["price"], locale: Locale): string {
  if (price === null) return "";
  const dollars = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 2,
    maximumFractionDigits: 3,
  });
  return `${dollars.format(price.inputMicros / 1e6)} / ${dollars.format(price.outputMicros / 1e6)}`;
}
