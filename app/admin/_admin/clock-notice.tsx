"use client";

import { Clock } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Notice } from "@/app/_ui/notice";
import type { ClocksView } from "@/lib/protocol";

/** Says so where a server's clock and the database's do not agree; nothing else would. */
export function ClockNotice({ clocks: { off, worstMs } }: { clocks: ClocksView }) {
  const t = useTranslations("admin.clock");
  const seconds = new Intl.NumberFormat(useLocale(), { maximumFractionDigits: 0 }).format(worstMs / 1_000);
  if (off === 0) return null;
  return (
    <div role="status">
      <Notice icon={<Clock size={16} aria-hidden="true" />}>{t("off", { count: off, seconds })}</Notice>
    </div>
  );
}
