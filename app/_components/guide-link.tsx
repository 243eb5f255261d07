"use client";

import { BookOpen } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";

/** To the guide; where the bar is narrow, the phone's menu and the pages that need it lead there. */
export function GuideLink() {
  const t = useTranslations("nav");
  return (
    <Link
      href="/docs"
      prefetch={false}
      aria-label={t("guide")}
      title={t("guide")}
      className="hidden size-8 items-center justify-center rounded-control text-fg-2 hover:bg-muted hover:text-fg lg:flex"
    >
      <BookOpen size={16} />
    </Link>
  );
}
