import type { Locale } from "./locales";
import type en from "./messages/en.json";

/** The shape that every language fills; a test compares keys and arguments. */
export type Messages = typeof en;

export async function loadMessages(locale: Locale): Promise<Messages> {
  if (locale === "zh") return (await import("./messages/zh.json")).default;
  return (await import("./messages/en.json")).default;
}
