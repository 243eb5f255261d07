import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Words } from "@/app/_words/words";
import { HistoryPage } from "./_history/history-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("history") };
}

export default function Page() {
  return (
    <Words of={["history", "errors", "vote", "sharing", "consent", "share", "board"]}>
      <HistoryPage />
    </Words>
  );
}
