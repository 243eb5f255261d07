"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore, formatSeconds } from "@/app/_components/format-number";
import { Sparkline } from "@/app/admin/_admin/sparkline";
import type { AdminWorker } from "@/lib/protocol";

/** A point each quarter of a minute, for fifteen minutes. */
const historyPoints = 60;

export function WorkerName({ worker }: { worker: AdminWorker }) {
  return (
    <>
      <span className="block truncate font-medium">{worker.address}</span>
      <span className="block truncate text-small font-normal text-fg-3">
        {worker.engine} {worker.version}
        {worker.pool === "default" ? "" : ` · ${worker.pool}`}
      </span>
    </>
  );
}

/** The first two models; the others are counted. */
export function ModelNames({ models }: { models: readonly string[] }) {
  const rest = models.length - 2;
  return (
    <span title={models.join(", ")}>
      {models.slice(0, 2).join(", ")}
      {rest > 0 ? ` +${rest}` : ""}
    </span>
  );
}

export function SpeedHistoryCell({ worker }: { worker: AdminWorker }) {
  const t = useTranslations("admin.workers");
  const most = Math.max(0, ...worker.speedHistory);
  return (
    <Sparkline
      points={worker.speedHistory}
      capacity={historyPoints}
      label={t("historyLabel", { most: Math.round(most) })}
    />
  );
}

export function FirstToken({ ms }: { ms: number | null }) {
  const t = useTranslations("admin");
  const locale = useLocale();
  if (ms === null) return <span className="text-fg-3">{t("none")}</span>;
  return <>{t("seconds", { value: formatSeconds(ms, locale) })}</>;
}

export function Heartbeat({
  worker,
  now,
  heartbeatMs,
}: {
  worker: AdminWorker;
  now: Date;
  heartbeatMs: number;
}) {
  const t = useTranslations("admin");
  const locale = useLocale();
  const ms = Math.max(0, now.getTime() - worker.heartbeatAt.getTime());
  const text = t("seconds", { value: formatScore(Math.round(ms / 1000), locale) });
  return ms > 2 * heartbeatMs ? <span className="font-medium text-bad">{text}</span> : text;
}
