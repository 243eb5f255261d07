import { defaultLocale, isLocale, type Locale } from "./locales";

/**
 * The visitor's language: the cookie where it names one of ours, else the best match of Accept-Language
 * (RFC 9110, 12.5.4: weights from 0 to 1, 0 means "not this one"; equal weights keep their order), else English.
 */
export function negotiateLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(cookie)) return cookie;
  const wishes = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [range = "", ...parameters] = part.trim().split(";");
      const weight = parameters.map((entry) => /^\s*q=([\d.]+)\s*$/.exec(entry)?.[1]).find(Boolean);
      return { primary: range.trim().toLowerCase().split("-")[0] ?? "", weight: weight ? Number(weight) : 1 };
    })
    .filter((wish) => wish.weight > 0)
    .sort((left, right) => right.weight - left.weight);
  for (const wish of wishes) if (isLocale(wish.primary)) return wish.primary;
  return defaultLocale;
}
