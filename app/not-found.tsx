import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { buttonClass } from "@/app/_ui/button";
import { PageMessage } from "./_components/page-message";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("page");
  return { title: t("notFoundTitle"), robots: { index: false } };
}

export default async function NotFound() {
  const t = await getTranslations("page");
  return (
    <PageMessage title={t("notFoundTitle")} body={t("notFoundBody")}>
      <Link href="/" className={buttonClass("primary")}>
        {t("toBattle")}
      </Link>
    </PageMessage>
  );
}
