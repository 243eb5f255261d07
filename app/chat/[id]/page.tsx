import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

/** A conversation belongs to its visitor alone: its title is set in the browser, and no search engine may keep the address. */
export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("chat");
  return { title: t("title"), robots: { index: false } };
}

/** The layout holds the page. */
export default function Page() {
  return null;
}
