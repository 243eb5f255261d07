import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";
import { type Category, categoryLanguage, type NamedCategory } from "@/lib/protocol";

/** How the page calls a category; a language goes by its name in the language of the page. */
export function useCategoryName(): (category: Category) => string {
  const t = useTranslations("category");
  const locale = useLocale();
  return useMemo(() => {
    const languages = new Intl.DisplayNames(locale, { type: "language" });
    return (category) => {
      const language = categoryLanguage(category);
      return language === null ? t(category as NamedCategory) : (languages.of(language) ?? language);
    };
  }, [t, locale]);
}
