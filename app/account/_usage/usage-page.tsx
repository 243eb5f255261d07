"use client";

import { Download } from "lucide-react";
import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { accountApi, type UsageDays, usageCsvHref } from "@/app/_account/account-api";
import { FilterMenu } from "@/app/_components/filter-menu";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import { useLoaded } from "@/app/_hooks/use-loaded";
import { buttonClass } from "@/app/_ui/button";
import { Segmented } from "@/app/_ui/segmented";
import { Skeleton } from "@/app/_ui/skeleton";
import type { OwnUsage } from "@/lib/protocol";
import { LoadFailed } from "../_account/load-failed";
import { DayBars } from "./day-bars";
import { DayTable } from "./day-table";
import { ModelTable } from "./model-table";
import { type Measure, measures, sumByDay } from "./sum-usage";

const ranges = ["7", "30", "90"] as const;
const dayMs = 86_400_000;

/** Whole days in UTC, as the server sums them; today is the last. */
function daysOf(range: string): UsageDays {
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  return { from: dayOf(Date.now() - (Number(range) - 1) * dayMs), to: dayOf(Date.now()) };
}

/** What one's keys have used. */
export function UsagePage() {
  const t = useTranslations("account.usage");
  const account = useTranslations("account");
  const [range, setRange] = useState<string>("30");
  const days = daysOf(range);
  const load = useCallback(() => accountApi.usage(daysOf(range)), [range]);
  const { value, error, reload } = useLoaded(load);
  return (
    <div className="mt-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Segmented
          isCompact
          label={t("range")}
          choices={ranges.map((choice) => ({ value: choice, label: t("lastDays", { days: choice }) }))}
          value={range}
          onChoose={setRange}
        />
        <a href={usageCsvHref(days)} download="usage.csv" className={`${buttonClass()} max-sm:h-11`}>
          <Download size={16} aria-hidden="true" />
          {t("csv")}
        </a>
      </div>
      {error === null ? null : <LoadFailed error={error} onRetry={reload} />}
      {value === null && error === null ? <Skeleton label={account("loading")} /> : null}
      {value === null ? null : <UsageView usage={value} />}
    </div>
  );
}

function UsageView({ usage }: { usage: OwnUsage }) {
  const t = useTranslations("account.usage");
  const count = new Intl.NumberFormat(useLocale());
  const [measure, setMeasure] = useState<Measure>("requests");
  const [chosen, setChosen] = useState("");
  const models = [...new Set(usage.rows.map(({ model }) => model))].sort();
  const model = models.includes(chosen) ? chosen : null;
  const sum = (field: "requests" | "errors" | "promptTokens" | "completionTokens") =>
    count.format(usage.rows.reduce((total, row) => total + row[field], 0));

  if (usage.rows.length === 0) {
    return (
      <div className="mt-8">
        <h2 className="text-h2">{t("emptyTitle")}</h2>
        <p className="mt-1 text-fg-2">{t("emptyBody")}</p>
        <Link href="/account/keys" className={`${buttonClass("primary")} mt-4`}>
          {t("emptyAction")}
        </Link>
      </div>
    );
  }
  return (
    <>
      <div className="mt-5">
        <FigurePanel>
          <KeyFigure name={t("requests")} figure={sum("requests")} unit={null} />
          <KeyFigure name={t("errors")} figure={sum("errors")} unit={null} />
          <KeyFigure name={t("promptTokens")} figure={sum("promptTokens")} unit={null} />
          <KeyFigure name={t("completionTokens")} figure={sum("completionTokens")} unit={null} />
        </FigurePanel>
      </div>
      <section aria-labelledby="usage-by-day" className="mt-8">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <div>
            <h2 id="usage-by-day" className="text-h2">
              {t("byDay")}
            </h2>
            <p className="mt-0.5 text-hint text-fg-3">{t("byDayNote")}</p>
          </div>
          <div className="flex flex-wrap gap-2">
            <FilterMenu
              name={t("model")}
              choices={[
                { value: "", label: t("allModels") },
                ...models.map((name) => ({ value: name, label: name })),
              ]}
              value={model ?? ""}
              onChoose={setChosen}
            />
            <Segmented
              isCompact
              label={t("measure")}
              choices={measures.map((choice) => ({ value: choice, label: t(choice) }))}
              value={measure}
              onChoose={(choice) => setMeasure(choice === "tokens" ? "tokens" : "requests")}
            />
          </div>
        </div>
        <div className="mt-4">
          <DayBars days={sumByDay(usage, measure, model)} measure={measure} />
        </div>
        <DayTable rows={usage.rows} />
      </section>
      <ModelTable rows={usage.rows} measure={measure} />
    </>
  );
}
