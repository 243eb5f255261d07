import { CircleUser } from "lucide-react";
import Link from "next/link";
import { getTranslations } from "next-intl/server";

/** The way to one's account, or to a sign-in. A link and no menu: everything else is one click further, and costs no script. */
export async function UserLink({ name }: { name: string | null }) {
  const t = await getTranslations("nav");
  return (
    <Link
      href={name === null ? "/sign-in" : "/account"}
      aria-label={name === null ? undefined : t("accountOf", { name })}
      className="flex h-8 items-center gap-2 rounded-control px-2 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
    >
      <CircleUser size={16} aria-hidden="true" />
      <span className="max-w-32 truncate">{name ?? t("signIn")}</span>
    </Link>
  );
}
