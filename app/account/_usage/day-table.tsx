"use client";

import { useFormatter, useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { OwnUsageRow } from "@/lib/protocol";

/** The bars' figures, by day, key and model, the newest first. */
export function DayTable({ rows }: { rows: readonly OwnUsageRow[] }) {
  const t = useTranslations("account.usage");
  const plots = useTranslations("plots");
  const format = useFormatter();
  const count = new Intl.NumberFormat(useLocale());
  return (
    <details className="mt-3 text-hint">
      <summary className="w-fit rounded-badge text-fg-2">{plots("asTable")}</summary>
      <ScrollRegion label={t("byDay")} className="mt-2 max-h-96">
        <DataTable caption={t("byDay")}>
          <thead>
            <tr>
              <HeadCell>{plots("day")}</HeadCell>
              <HeadCell>{t("key")}</HeadCell>
              <HeadCell>{t("model")}</HeadCell>
              <HeadCell>{t("endpoint")}</HeadCell>
              <HeadCell isRight>{t("requests")}</HeadCell>
              <HeadCell isRight>{t("promptTokens")}</HeadCell>
              <HeadCell isRight>{t("completionTokens")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {rows.toReversed().map((row) => (
              <tr key={`${row.day} ${row.keyPrefix} ${row.model} ${row.endpoint}`}>
                <RowHead className="number whitespace-nowrap">
                  {format.dateTime(new Date(row.day), { dateStyle: "medium", timeZone: "UTC" })}
                </RowHead>
                <Cell>{row.keyName}</Cell>
                <Cell>{row.model}</Cell>
                <Cell>{row.endpoint}</Cell>
                <Cell isRight>{count.format(row.requests)}</Cell>
                <Cell isRight>{count.format(row.promptTokens)}</Cell>
                <Cell isRight>{count.format(row.completionTokens)}</Cell>
              </tr>
            ))}
          </tbody>
        </DataTable>
      </ScrollRegion>
    </details>
  );
}
