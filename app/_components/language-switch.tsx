"use client";

import { Check, Globe } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useTransition } from "react";
import { ChoiceMenu } from "@/app/_ui/choice-menu";
import { localeCookie, localeNames, locales } from "@/lib/i18n";

const choices = locales.map((locale) => ({ value: locale, label: localeNames[locale] }));

/** Sets the cookie and renders the page again on the server; what is typed and written stays. */
export function useSetLocale(): (locale: string) => void {
  const router = useRouter();
  const [, startTransition] = useTransition();
  return (locale) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store interface is missing in Firefox and on plain http.
    document.cookie = `${localeCookie.name}=${locale}; path=/; max-age=${localeCookie.maxAgeSeconds}; samesite=lax`;
    startTransition(() => router.refresh());
  };
}

export function LanguageSwitch() {
  const t = useTranslations("nav");
  const locale = useLocale();
  return (
    <ChoiceMenu
      label={t("language")}
      choices={choices}
      value={locale}
      onChoose={useSetLocale()}
      check={<Check size={16} />}
      triggerClassName="flex h-8 items-center gap-2 rounded-control px-2 text-hint text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
      trigger={
        <>
          <Globe size={16} aria-hidden="true" />
          <span className="max-lg:sr-only">{localeNames[locale]}</span>
        </>
      }
    />
  );
}
