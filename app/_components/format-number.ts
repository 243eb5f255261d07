import type { Locale } from "@/lib/i18n";

/** A true minus sign, as in the tables of a book. */
function withTrueMinus(text: string): string {
  return text.replace("-", "\u2212");
}

/** A score: never grouped, so that 1024 reads like 1024. */
export function formatScore(value: number, locale: Locale, digits = 0): string {
  return withTrueMinus(
    new Intl.NumberFormat(locale, {
      useGrouping: false,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: "negative",
    }).format(value),
  );
}

/** Half the width of an interval, as it stands after ±. */
export function formatMargin(lower: number, upper: number, locale: Locale): string {
  return `±${formatScore((upper - lower) / 2, locale)}`;
}

/** A change with its sign; nothing is +0.0. */
export function formatChange(value: number, locale: Locale): string {
  return withTrueMinus(
    new Intl.NumberFormat(locale, {
      useGrouping: false,
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: "exceptZero",
    }).format(value),
  );
}

/** A difference of scores in whole points, with its sign; nothing is 0. */
export function formatDifference(points: number, locale: Locale): string {
  return withTrueMinus(
    new Intl.NumberFormat(locale, {
      useGrouping: false,
      maximumFractionDigits: 0,
      signDisplay: "exceptZero",
    }).format(points),
  );
}

/** A share in whole per cent; with a no-break space, as the percentages of the page are written. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}

/** A probability that is never rounded to certainty: < 1 % and > 99 % at the ends. */
export function formatProbability(probability: number): string {
  if (probability > 0.99) return ">\u202f99\u00a0%";
  if (probability < 0.01) return "<\u202f1\u00a0%";
  return formatShare(probability);
}

/** Half the width of an interval of shares, in per cent points, as it stands after ±. */
export function formatShareMargin(lower: number, upper: number): string {
  return `±${Math.round((upper - lower) * 50)}`;
}

/** 8–10, or 16 where best and worst are the same. */
export function formatRankSpread(best: number, worst: number): string {
  return best === worst ? String(best) : `${best}–${worst}`;
}

/** 0.21, 8.7, 128: two digits below one second, then one, then none. */
export function formatSeconds(milliseconds: number, locale: Locale): string {
  const seconds = milliseconds / 1000;
  return formatScore(seconds, locale, seconds < 1 ? 2 : seconds < 100 ? 1 : 0);
}
