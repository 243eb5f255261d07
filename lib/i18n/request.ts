import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { localeCookie } from "./locales";
import { loadMessages } from "./messages";
import { negotiateLocale } from "./negotiate-locale";

export default getRequestConfig(async () => {
  const [cookieJar, requestHeaders] = await Promise.all([cookies(), headers()]);
  const locale = negotiateLocale(
    cookieJar.get(localeCookie.name)?.value,
    requestHeaders.get("accept-language"),
  );
  // Times are shown relative or as a date only; a fixed zone keeps server and browser from disagreeing.
  return { locale, messages: await loadMessages(locale), timeZone: "UTC" };
});
