"use client";

import { KeyRound, Plus } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { formatSeconds } from "@/app/_components/format-number";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import { Button, buttonClass } from "@/app/_ui/button";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { SiteNotices } from "@/app/admin/_admin/site-notices";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { type AdminWorkers, adminWorkersSchema } from "@/lib/protocol";
import { AddWorker } from "./add-worker";
import { WorkerList } from "./worker-list";
import { WorkerTable } from "./worker-table";

const pollMs = 2_000;

export function WorkersPage() {
  const t = useTranslations("admin.workers");
  const workers = useConsoleData("/api/admin/workers", adminWorkersSchema, pollMs);
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <PageHead
        title={t("title")}
        lead={workers.data === null ? "\u00a0" : <Summary view={workers.data} />}
        actions={
          <>
            <Link href="/admin/keys" className={buttonClass()}>
              <KeyRound size={16} aria-hidden="true" />
              {t("joinTokens")}
            </Link>
            <Button variant="primary" onClick={() => setAdding(true)}>
              <Plus size={16} aria-hidden="true" />
              {t("add")}
            </Button>
          </>
        }
      />
      <Loaded from={workers}>
        {(view) => (
          <div className="flex flex-col gap-5">
            <SiteNotices notices={view.notices} />
            <Figures view={view} />
            {view.workers.length === 0 ? (
              <Empty>{t("empty")}</Empty>
            ) : (
              <>
                <WorkerTable view={view} onDone={workers.reload} />
                <WorkerList view={view} onDone={workers.reload} />
              </>
            )}
          </div>
        )}
      </Loaded>
      {isAdding ? <AddWorker onClose={() => setAdding(false)} /> : null}
    </>
  );
}

const troubled = [
  "slow",
  "draining",
  "drained",
  "restarting",
  "ejected",
  "failing",
  "silent",
  "unreachable",
] as const;

/** "4 of 8 are healthy; 1 is slow, 1 draining. Updated live." */
function Summary({ view }: { view: AdminWorkers }) {
  const t = useTranslations("admin.workers");
  const locale = useLocale();
  const count = (state: string) => view.workers.filter((worker) => worker.state === state).length;
  const others = troubled
    .filter((state) => count(state) > 0)
    .map((state) =>
      t("summaryPart", { count: count(state), state: t(`state.${state}`).toLocaleLowerCase(locale) }),
    );
  const values = { healthy: count("healthy"), all: view.workers.length };
  return others.length === 0
    ? t("summary", values)
    : t("summaryWith", { ...values, others: others.join(locale === "zh" ? "，" : ", ") });
}

function Figures({ view: { figures } }: { view: AdminWorkers }) {
  const t = useTranslations("admin.workers.figures");
  const tAdmin = useTranslations("admin");
  const locale = useLocale();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const seconds = (ms: number) => tAdmin("seconds", { value: formatSeconds(ms, locale) });
  const { firstTokenMedianMs: median, firstTokenP99Ms: p99 } = figures;
  return (
    <FigurePanel>
      <KeyFigure
        name={t("busy")}
        figure={number.format(figures.busySlots)}
        unit={t("ofSlots", { slots: number.format(figures.slots) })}
      />
      <KeyFigure name={t("speed")} figure={number.format(figures.tokensPerSecond)} unit={t("allWorkers")} />
      <KeyFigure name={t("waiting")} figure={number.format(figures.waiting)} unit={t("allServers")} />
      <KeyFigure
        name={t("firstToken")}
        figure={median === null ? tAdmin("none") : seconds(median)}
        unit={p99 === null ? null : t("p99", { value: seconds(p99) })}
      />
      <KeyFigure
        name={t("failed")}
        figure={number.format(figures.failed)}
        unit={t("ofAnswers", { answers: number.format(figures.answers) })}
      />
    </FigurePanel>
  );
}
