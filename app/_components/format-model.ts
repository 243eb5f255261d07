import type { Locale } from "@/lib/i18n";
import type { LeaderboardRow } from "@/lib/protocol";
import { formatShare } from "./format-number";

/** 512, 32k, 128k, 1M: a context in tokens, where multiples of 1024 read as their round name. */
export function formatContext(tokens: number | null, locale: Locale): string {
  if (tokens === null) return "";
  if (tokens < 1000) return String(tokens);
  const base = tokens % 1000 !== 0 && tokens % 1024 === 0 ? 1024 : 1000;
  const isMillions = tokens >= base ** 2;
  const size = tokens / (isMillions ? base ** 2 : base);
  const digits = isMillions ? 1 : 0;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(size)}${isMillions ? "M" : "k"}`;
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
