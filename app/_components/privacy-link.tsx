"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";

/** From the line at a composer to the page behind it. */
export function PrivacyLink() {
  const t = useTranslations("consent");
  return (
    <Link href="/privacy" prefetch={false} className="underline underline-offset-2 hover:text-fg">
      {t("more")}
    </Link>
  );
}
