"use client";

import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

/** "refitted 4 s ago", counting by itself. `renderedAt` keeps the first render in the browser equal to the server's. */
export function useBoardAge(fittedAt: string | null, renderedAt: number): string {
  const t = useTranslations("board");
  const [now, setNow] = useState(renderedAt);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, []);
  if (fittedAt === null) return t("neverFitted");
  const seconds = Math.max(0, Math.floor((now - Date.parse(fittedAt)) / 1000));
  if (seconds < 60) return t("refitted", { age: t("ageSeconds", { count: seconds }) });
  if (seconds < 3600) return t("refitted", { age: t("ageMinutes", { count: Math.floor(seconds / 60) }) });
  if (seconds < 86_400) return t("refitted", { age: t("ageHours", { count: Math.floor(seconds / 3600) }) });
  return t("refitted", { age: t("ageDays", { count: Math.floor(seconds / 86_400) }) });
}
