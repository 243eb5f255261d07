import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { exclusionSummaryOf } from "@/app/_data/services";
import { IntegrityPage } from "./_integrity/integrity-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("integrity");
  return { title: t("title") };
}

export default async function Page() {
  return <IntegrityPage summary={await exclusionSummaryOf()} />;
}
