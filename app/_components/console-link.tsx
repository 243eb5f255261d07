import { Wrench } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";

/** Where somebody with this role begins in the console; null: nowhere. */
export function consoleHrefOf(role: string | undefined): string | null {
  if (role === "admin") return "/admin/workers";
  return role === "moderator" ? "/admin/moderation" : null;
}

/** The way into the operator's console, for those who may see some of it. */
export async function ConsoleLink({ href }: { href: string }) {
  const t = await getTranslations("nav");
  return (
    <Link
      href={href}
      className="flex h-8 items-center gap-2 rounded-control px-2 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
    >
      <Wrench size={16} aria-hidden="true" />
      <span className="max-lg:sr-only">{t("console")}</span>
    </Link>
  );
}
