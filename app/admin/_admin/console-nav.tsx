"use client";

import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";
import { consolePages } from "./console-pages";
import { SelectField } from "./fields";

/** The console's pages: a sidebar, and on a narrow screen a list that opens. */
export function ConsoleNav() {
  const t = useTranslations("admin");
  const pathname = usePathname();
  const router = useRouter();
  return (
    <>
      <nav
        aria-label={t("nav.label")}
        className="sticky top-13 hidden h-[calc(100dvh-52px)] w-[200px] shrink-0 overflow-y-auto border-r border-line bg-surface px-2 py-3 md:block"
      >
        <p className="px-3 pb-1 text-hint text-fg-3">{t("nav.title")}</p>
        <ul>
          {consolePages.map(({ href, label, icon: Icon }) => (
            <li key={href}>
              <Link
                href={href}
                aria-current={pathname === href ? "page" : undefined}
                className={cn(
                  "flex h-[34px] items-center gap-2.5 rounded-control px-3 text-ui transition-colors duration-[120ms] hover:bg-muted",
                  pathname === href ? "bg-muted font-medium text-fg" : "text-fg-2",
                )}
              >
                <Icon size={16} aria-hidden="true" />
                {t(`nav.${label}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <nav aria-label={t("nav.label")} className="border-b border-line bg-surface px-4 py-2.5 md:hidden">
        <SelectField
          label={t("nav.title")}
          isLabelHidden
          value={consolePages.find(({ href }) => href === pathname)?.href ?? ""}
          choices={consolePages.map(({ href, label }) => ({ value: href, label: t(`nav.${label}`) }))}
          onChange={(href) => router.push(href)}
        />
      </nav>
    </>
  );
}
