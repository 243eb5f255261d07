"use client";

import { Check, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { ChoiceMenu } from "@/app/_ui/choice-menu";

export const themes = ["system", "light", "dark"] as const;

export function ThemeSwitch() {
  const t = useTranslations();
  const { theme, setTheme } = useTheme();
  return (
    <ChoiceMenu
      label={t("nav.theme")}
      choices={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
      value={theme ?? "system"}
      onChoose={setTheme}
      check={<Check size={16} />}
      triggerClassName="flex size-8 items-center justify-center rounded-control text-fg-2 transition-colors duration-[120ms] hover:bg-muted hover:text-fg"
      trigger={<Sun size={16} aria-hidden="true" />}
    />
  );
}
