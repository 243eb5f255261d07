"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useTranslations } from "next-intl";

const UserMenu = dynamic(() => import("./user-menu").then((module) => module.UserMenu));

/** The right end of the top bar. Whoever is not signed in pays for no menu. */
export function UserSlot({ name }: { name: string | null }) {
  const t = useTranslations("nav");
  if (name !== null) return <UserMenu name={name} />;
  return (
    <Link
      href="/sign-in"
      className="flex h-8 items-center rounded-control px-2 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
    >
      {t("signIn")}
    </Link>
  );
}
