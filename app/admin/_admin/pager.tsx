"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/button";
import type { Pages } from "./use-pages";

type PagerProps = {
  pages: Pages;
  /** Where the next, older page begins; null: this is the last. */
  next: string | null;
};

/** Steps through a list that is read newest first. */
export function Pager({ pages, next }: PagerProps) {
  const t = useTranslations("admin.pager");
  return (
    <div className="mt-3 flex gap-2">
      {pages.isNewest ? null : <Button onClick={pages.toNewer}>{t("newer")}</Button>}
      {next === null ? null : <Button onClick={() => pages.toOlder(next)}>{t("older")}</Button>}
    </div>
  );
}
