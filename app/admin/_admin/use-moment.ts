"use client";

import { useLocale } from "next-intl";

/** A time as an operator needs it: the day and the second, where they are. */
export function useMoment(): (at: Date) => string {
  const locale = useLocale();
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  return (at) => format.format(at);
}

/** Only the day. */
export function useDay(): (at: Date) => string {
  const locale = useLocale();
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  return (at) => format.format(at);
}
