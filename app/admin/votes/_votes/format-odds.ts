import type { Locale } from "@/lib/i18n";

const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * How many times better one thing explains the votes than another, from its natural logarithm: two digits, and a power of ten
 * from a million on. It is rounded down: evidence is never made to look stronger.
 */
export function formatOdds(log: number, locale: Locale): string {
  const tens = log / Math.LN10;
  if (tens >= 6)
    return `10${[...String(Math.floor(tens))].map((digit) => digits[Number(digit)] ?? digit).join("")}`;
  const format = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, roundingMode: "floor" });
  return format.format(Math.exp(log));
}
