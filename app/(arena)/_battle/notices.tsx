"use client";

import { CircleAlert, Clock, Hourglass, WifiOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useIsOnline } from "@/app/_hooks/use-is-online";
import { Button } from "@/app/_ui/button";
import { Notice } from "@/app/_ui/notice";
import type { ArenaState, Problem } from "./arena-state";

type NoticesProps = { state: ArenaState; onCancelWaiting: () => void };

/** At most one line above the composer: the one that matters most. */
export function Notices({ state, onCancelWaiting }: NoticesProps) {
  const t = useTranslations();
  const isOnline = useIsOnline();
  return (
    <div role="status" className="flex flex-col gap-2.5">
      {isOnline ? null : (
        <Notice icon={<WifiOff size={16} aria-hidden="true" />}>{t("notice.offline")}</Notice>
      )}
      {isOnline && state.waiting ? (
        <Notice
          icon={<Hourglass size={16} aria-hidden="true" />}
          action={
            <Button variant="quiet" size="bar" onClick={onCancelWaiting}>
              {t("common.cancel")}
            </Button>
          }
        >
          {t("notice.noWorker")}
        </Notice>
      ) : null}
      {isOnline && state.connection === "reconnecting" ? (
        <Notice icon={<WifiOff size={16} aria-hidden="true" />}>{t("notice.reconnecting")}</Notice>
      ) : null}
      {isOnline && state.problem !== null ? <ProblemNotice problem={state.problem} /> : null}
    </div>
  );
}

function ProblemNotice({ problem }: { problem: Problem }) {
  const t = useTranslations();
  if (problem.retryAt !== null) return <RateLimited retryAt={problem.retryAt} count={problem.count} />;
  const reason = problem.code === "battle_not_found" ? t("notice.gone") : t(`errors.${problem.code}`);
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
