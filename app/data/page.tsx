import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { releases } from "@/app/_data/services";
import { Words } from "@/app/_words/words";
import { DataPage } from "./_data/data-page";

/** A release may be made at any time. */
export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("data");
  return { title: t("title"), description: t("lead") };
}

export default async function Page() {
  return (
    <Words of={["data", "category"]}>
      <DataPage releases={await releases()} />
    </Words>
  );
}
