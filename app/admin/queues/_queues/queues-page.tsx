"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatSeconds } from "@/app/_components/format-number";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import { ConsoleTable, Head, RowName, Td } from "@/app/admin/_admin/console-table";
import { Empty } from "@/app/admin/_admin/empty";
import { Loaded } from "@/app/admin/_admin/loading";
import { PageHead } from "@/app/admin/_admin/page-head";
import { SiteNotices } from "@/app/admin/_admin/site-notices";
import { Sparkline } from "@/app/admin/_admin/sparkline";
import { useConsoleData } from "@/app/admin/_admin/use-console";
import { type AdminQueues, adminQueuesSchema } from "@/lib/protocol";

const pollMs = 5_000;
const historyPoints = 60;

export function QueuesPage() {
  const t = useTranslations("admin.queues");
  const queues = useConsoleData("/api/admin/queues", adminQueuesSchema, pollMs);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <Loaded from={queues}>
        {(view) => (
          <div className="flex flex-col gap-6">
            <SiteNotices notices={view.notices} />
            <Now view={view} />
            <Latencies models={view.models} />
          </div>
        )}
      </Loaded>
    </>
  );
}

function Now({ view: { now, history } }: { view: AdminQueues }) {
  const t = useTranslations("admin.queues");
  const number = new Intl.NumberFormat(useLocale(), { maximumFractionDigits: 0 });
  const sum = (points: readonly number[]) => points.reduce((total, value) => total + value, 0);
  const line = (name: "waiting" | "running" | "answered" | "failed") => (
    <span className="mt-1.5 block">
      <Sparkline
        points={history[name]}
        capacity={historyPoints}
        label={t("historyLabel", { name: t(name), most: Math.round(Math.max(0, ...history[name])) })}
      />
    </span>
  );
  return (
    <FigurePanel>
      <KeyFigure
        name={t("waiting")}
        figure={number.format(now.waiting)}
        unit={
          <>
            {t("servers", { count: now.servers })}
            {line("waiting")}
          </>
        }
      />
      <KeyFigure
        name={t("running")}
        figure={number.format(now.running)}
        unit={
          <>
            {t("withWorkers")}
            {line("running")}
          </>
        }
      />
      <KeyFigure
        name={t("answered")}
        figure={number.format(sum(history.answered))}
        unit={
          <>
            {t("inQuarter")}
            {line("answered")}
          </>
        }
      />
      <KeyFigure
        name={t("failed")}
        figure={number.format(sum(history.failed))}
        unit={
          <>
            {t("inQuarter")}
            {line("failed")}
          </>
        }
      />
    </FigurePanel>
  );
}

function Latencies({ models }: { models: AdminQueues["models"] }) {
  const t = useTranslations("admin.queues");
  const number = new Intl.NumberFormat(useLocale());
  return (
    <section aria-labelledby="latencies">
      <h2 id="latencies" className="mb-3 text-h2">
        {t("latencies")}
      </h2>
      {models.length === 0 ? (
        <Empty>{t("empty")}</Empty>
      ) : (
        <ConsoleTable
          caption={t("latencies")}
          minWidth="min-w-[840px]"
          head={
            <>
              <Head>{t("model")}</Head>
              <Head isRight>{t("answers")}</Head>
              <Head isRight>{t("failed")}</Head>
              <Head isRight>{t("firstToken")}</Head>
              <Head isRight>{t("total")}</Head>
              <Head isRight>{t("queueWait")}</Head>
            </>
          }
        >
          {models.map((row) => (
            <tr key={row.model}>
              <RowName>{row.model}</RowName>
              <Td isRight>{number.format(row.answers)}</Td>
              <Td isRight className={row.failed === 0 ? "text-fg-3" : "font-medium"}>
                {number.format(row.failed)}
              </Td>
              <Td isRight>
                <Pair of={row.firstToken} />
              </Td>
              <Td isRight>
                <Pair of={row.total} />
              </Td>
              <Td isRight>
                <Pair of={row.queueWait} />
              </Td>
            </tr>
          ))}
        </ConsoleTable>
      )}
    </section>
  );
}

/** "0.31 s, p95 1.2 s" */
function Pair({ of: { median, p95 } }: { of: { median: number | null; p95: number | null } }) {
  const t = useTranslations("admin.queues");
  const tAdmin = useTranslations("admin");
  const locale = useLocale();
  const seconds = (ms: number) => tAdmin("seconds", { value: formatSeconds(ms, locale) });
  if (median === null) return <span className="text-fg-3">{tAdmin("none")}</span>;
  return (
    <>
      {seconds(median)}
      {p95 === null ? null : <span className="ml-2 text-fg-3">{t("p95", { value: seconds(p95) })}</span>}
    </>
  );
}
