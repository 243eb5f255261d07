"use client";

import { Clock } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import { findPage, historyPage } from "./pages";

export function HistoryLink() {
  const t = useTranslations("nav");
  const isCurrent = findPage(usePathname()) === historyPage;
  return (
    <Link
      href={historyPage.href}
      aria-current={isCurrent ? "page" : undefined}
      className={cn(
        "flex h-8 items-center gap-2 rounded-control px-2 text-hint transition-colors duration-[120ms] hover:bg-muted hover:text-fg",
        isCurrent ? "bg-muted text-fg" : "text-fg-2",
      )}
    >
      <Clock size={16} aria-hidden="true" />
      <span className="max-lg:sr-only">{t("history")}</span>
    </Link>
  );
}
