"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import { findPage, pages } from "./pages";

export function NavLinks() {
  const t = useTranslations("nav");
  const current = findPage(usePathname());
  return (
    <nav aria-label={t("label")} className="flex h-full">
      {pages.map((page) => (
        <Link
          key={page.href}
          href={page.href}
          aria-current={page === current ? "page" : undefined}
          className={cn(
            "relative flex h-full items-center px-2 text-ui md:px-2.5 transition-colors duration-[120ms] -outline-offset-2 hover:text-fg",
            page === current ? "font-medium text-fg" : "text-fg-2",
          )}
        >
          {t(page.label)}
          {page === current ? <span className="absolute inset-x-0 -bottom-px h-0.5 bg-fg" /> : null}
        </Link>
      ))}
    </nav>
  );
}
