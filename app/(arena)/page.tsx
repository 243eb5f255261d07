import { getLocale } from "next-intl/server";
import { isDemoOnly, promptLimits, visionModels } from "@/app/_data/services";
import { BattlePage } from "./_battle/battle-page";
import { suggestionsFor } from "./_suggestions";

export default async function Page() {
  const locale = await getLocale();
  return (
    <BattlePage
      suggestions={suggestionsFor(locale, isDemoOnly())}
      limits={promptLimits()}
      imageReaders={visionModels()}
    />
  );
}
