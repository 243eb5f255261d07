export { htmlLang, isLocale, type Locale, localeCookie, localeNames, locales } from "./locales";
