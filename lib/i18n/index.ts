export { htmlLang, isLocale, type Locale, localeCookie, localeNames, locales } from "./locales";
export { negotiateLocale } from "./negotiate-locale";
