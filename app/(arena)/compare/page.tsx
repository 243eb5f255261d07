import type { Metadata } from "next";
import { getLocale, getTranslations } from "next-intl/server";
import { isDemoOnly, promptLimits, visionModels } from "@/app/_data/services";
import { BattlePage } from "../_battle/battle-page";
import { suggestionsFor } from "../_suggestions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("compare") };
}

export default async function Page() {
  const locale = await getLocale();
  return (
    <BattlePage
      mode="compare"
      suggestions={suggestionsFor(locale, isDemoOnly())}
      limits={promptLimits()}
      imageReaders={visionModels()}
    />
  );
}
