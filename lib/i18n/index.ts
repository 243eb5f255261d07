export { htmlLang, isLocale, type Locale, localeCookie, localeNames, locales } from "./locales";
export { loadMessages, type Messages } from "./messages";
export { negotiateLocale } from "./negotiate-locale";
