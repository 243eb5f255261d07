"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import type { ReactNode } from "react";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { Segmented } from "@/app/_ui/segmented";
import { Sheet } from "@/app/_ui/sheet";
import { localeNames, locales } from "@/lib/i18n";
import { useSetLocale } from "./language-switch";
import { findPage, historyPage, pages } from "./pages";
import { themes } from "./theme-switch";

type PhoneMenuProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** Who is signed in. */
  userName: string | null;
  /** The console, for those who may see some of it. */
  consoleHref: string | null;
};

export function PhoneMenu({ isOpen, onOpenChange, userName, consoleHref }: PhoneMenuProps) {
  const t = useTranslations();
  const pathname = usePathname();
  const current = findPage(pathname);
  const close = () => onOpenChange(false);
  const account = userName === null ? "/sign-in" : "/account";
  const locale = useLocale();
  const setLocale = useSetLocale();
  const { theme, setTheme } = useTheme();
  return (
    <Sheet
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("site.name")}
      close={
        <IconButton isLarge label={t("nav.closeMenu")}>
          <X size={20} />
        </IconButton>
      }
    >
      <nav aria-label={t("nav.label")} className="px-2 py-2">
        {[...pages, historyPage].map((page) => (
          <MenuLink key={page.href} href={page.href} isCurrent={page === current} onClick={close}>
            {t(`nav.${page.label}`)}
          </MenuLink>
        ))}
        <MenuLink href="/docs" isCurrent={pathname === "/docs"} onClick={close}>
          {t("nav.guide")}
        </MenuLink>
        <MenuLink href={account} isCurrent={current?.href === account} onClick={close}>
          {userName === null ? t("nav.signIn") : t("nav.accountOf", { name: userName })}
        </MenuLink>
        {consoleHref === null ? null : (
          <MenuLink href={consoleHref} isCurrent={pathname.startsWith("/admin")} onClick={close}>
            {t("nav.console")}
          </MenuLink>
        )}
      </nav>
      <div className="mt-auto flex flex-col gap-4 border-t border-line p-5 pb-[calc(20px+env(safe-area-inset-bottom))]">
        <Segmented
          label={t("nav.language")}
          choices={locales.map((value) => ({ value, label: localeNames[value] }))}
          value={locale}
          onChoose={setLocale}
        />
        <Segmented
          label={t("nav.theme")}
          choices={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
          value={theme ?? "system"}
          onChoose={setTheme}
        />
      </div>
    </Sheet>
  );
}

type MenuLinkProps = { href: string; isCurrent: boolean; onClick: () => void; children: ReactNode };

function MenuLink({ href, isCurrent, onClick, children }: MenuLinkProps) {
  return (
    <Link
      href={href}
      onClick={onClick}
      aria-current={isCurrent ? "page" : undefined}
      className={cn(
        "flex h-12 items-center rounded-control px-3 text-h2",
        isCurrent ? "bg-muted text-fg" : "font-normal text-fg-2",
      )}
    >
      <span className="truncate">{children}</span>
    </Link>
  );
}
