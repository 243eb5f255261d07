"use client";

import { CircleAlert, Clock } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { Problem } from "@/app/_data/problem";
import { Notice } from "@/app/_ui/notice";

/** What went wrong with the last action, and what was kept. */
export function ProblemNotice({ problem }: { problem: Problem }) {
  const t = useTranslations();
  if (problem.retryAt !== null) return <RateLimited retryAt={problem.retryAt} count={problem.count} />;
  const reason =
    problem.code === "battle_not_found"
      ? t("notice.gone")
      : problem.code === "conversation_not_found"
        ? t("notice.chatGone")
        : problem.code === "content_refused" && problem.category
          ? // Whoever may be in need is told of help, whatever it was that told us.
            t(
              `refusal.${problem.isAboutImage && problem.category !== "self_harm" ? "image" : problem.category}`,
            )
          : t(`errors.${problem.code}`);
  return (
    <Notice icon={<CircleAlert size={16} aria-hidden="true" />}>
      {problem.isTextKept ? t("notice.kept", { reason }) : reason}
    </Notice>
  );
}

function RateLimited({ retryAt, count }: { retryAt: number; count: number | null }) {
  const t = useTranslations("notice");
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((retryAt - now) / 1000);
  if (seconds <= 0) return <Notice icon={<Clock size={16} aria-hidden="true" />}>{t("rateOver")}</Notice>;
  const values = {
    // Announcing each second would drown everything else.
    time: (chunks: React.ReactNode) => (
      <strong className="number font-semibold" aria-live="off">
        {chunks}
      </strong>
    ),
  };
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <Notice icon={<Clock size={16} aria-hidden="true" />}>
      {count === null
        ? t.rich("rateLimited", { ...values, at: clock })
        : t.rich("rateLimitedCount", { ...values, at: clock, count })}
    </Notice>
  );
}
