import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Words } from "@/app/_words/words";
import { ReferencePage } from "./_reference/reference-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("api");
  return { title: t("title"), description: t("lead") };
}

export default function Page() {
  return (
    <Words of={["api"]}>
      <ReferencePage />
    </Words>
  );
}
