"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { cn } from "@/app/_ui/cn";

const parts = [
  { href: "/account", label: "profile" },
  { href: "/account/keys", label: "keys" },
  { href: "/account/usage", label: "usage" },
] as const;

export function AccountNav() {
  const t = useTranslations("account.nav");
  const pathname = usePathname();
  return (
    <nav aria-label={t("label")} className="mt-4 border-b border-line">
      <div className="-ml-2.5 flex h-11">
        {parts.map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            aria-current={pathname === href ? "page" : undefined}
            className={cn(
              "relative flex h-full items-center px-2.5 text-ui transition-colors duration-[120ms] -outline-offset-2 hover:text-fg",
              pathname === href ? "font-medium text-fg" : "text-fg-2",
            )}
          >
            {t(label)}
            {pathname === href ? <span className="absolute inset-x-0 -bottom-px h-0.5 bg-fg" /> : null}
          </Link>
        ))}
      </div>
    </nav>
  );
}
