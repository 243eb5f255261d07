export const locales = ["en", "zh"] as const;
export type Locale = (typeof locales)[number];

export const defaultLocale: Locale = "en";

/** The language a visitor has chosen; absent: the browser's wish decides. Lives for a year. */
export const localeCookie = { name: "locale", maxAgeSeconds: 365 * 24 * 60 * 60 } as const;

/** What the `lang` attribute says: our Chinese is written in simplified characters. */
export const htmlLang: Record<Locale, string> = { en: "en", zh: "zh-Hans" };

/** How a language calls itself; the same in every language of the page. */
export const localeNames: Record<Locale, string> = { en: "English", zh: "中文" };

export function isLocale(value: unknown): value is Locale {
  return typeof value === "string" && (locales as readonly string[]).includes(value);
}
