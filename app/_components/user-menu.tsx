"use client";

import { ChartColumn, CircleUser, KeyRound, LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { ActionMenuButton } from "@/app/_ui/action-menu-button";

/** What a signed-in person goes to, and the way out. */
export function UserMenu({ name }: { name: string }) {
  const t = useTranslations("nav");
  const router = useRouter();

  async function signOut() {
    try {
      const { accountApi } = await import("@/app/_account/account-api");
      await accountApi.signOut();
      window.location.assign("/");
    } catch {
      // The same button stands there too, with room to say why it did not work.
      router.push("/account");
    }
  }

  const go = (href: string) => () => router.push(href);
  return (
    <ActionMenuButton
      label={t("accountOf", { name })}
      className="flex h-8 items-center gap-2 rounded-control px-2 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg aria-expanded:bg-muted"
      actions={[
        {
          name: "account",
          label: t("account"),
          icon: <CircleUser size={16} />,
          onChoose: go("/account"),
        },
        {
          name: "keys",
          label: t("apiKeys"),
          icon: <KeyRound size={16} />,
          onChoose: go("/account/keys"),
        },
        {
          name: "usage",
          label: t("usage"),
          icon: <ChartColumn size={16} />,
          onChoose: go("/account/usage"),
        },
        {
          name: "out",
          label: t("signOut"),
          icon: <LogOut size={16} />,
          onChoose: () => void signOut(),
        },
      ]}
    >
      <CircleUser size={16} aria-hidden="true" />
      <span className="max-w-32 truncate">{name}</span>
    </ActionMenuButton>
  );
}
