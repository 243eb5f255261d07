"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import type { Problem } from "@/app/_data/problem";

/** Whole seconds until then, at least 0, counted down; null where there is no time to wait for. */
export function useSecondsUntil(time: number | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (time === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [time]);
  return time === null ? null : Math.max(0, Math.ceil((time - now) / 1000));
}

type RateLimitWordsProps = { problem: Pick<Problem, "limit" | "isAboutImage">; seconds: number };

/** Which limit was reached, whose it is, and when it passes again. */
export function RateLimitWords({ problem: { limit, isAboutImage }, seconds }: RateLimitWordsProps) {
  const t = useTranslations("notice");
  // An image counts as a prompt.
  const action = limit?.limit === "prompts" && isAboutImage ? "images" : limit?.limit;
  if (seconds === 0) return t("rateOver", { action: action ?? "prompts" });
  const minutes = Math.floor(seconds / 60);
  const at =
    minutes < 60
      ? `${minutes}:${String(seconds % 60).padStart(2, "0")}`
      : t("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  // Announcing each second would drown everything else.
  const time = (chunks: ReactNode) => (
    <strong className="number font-semibold" aria-live="off">
      {chunks}
    </strong>
  );
  if (limit == null || action === undefined) return t.rich("rateLimited", { time, at });
  const { scope, max, windowSeconds } = limit;
  const window = windowSeconds > 3600 ? "day" : "hour";
  return t.rich(`limit.${action}`, { time, at, scope, max, window });
}
