import type { Locale } from "@/lib/i18n";

/** 512, 1k, 32k, 128k: a context in tokens, where multiples of 1024 read as their round name. */
export function formatContext(tokens: number, locale: Locale): string {
  if (tokens < 1000) return String(tokens);
  const unit = tokens % 1000 !== 0 && tokens % 1024 === 0 ? 1024 : 1000;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(tokens / unit)}k`;
}
