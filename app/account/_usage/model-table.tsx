"use client";

import { useLocale, useTranslations } from "next-intl";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { OwnUsageRow } from "@/lib/protocol";
import { type Measure, type ModelUsage, sumByModel } from "./sum-usage";

/** One row a model, with its part of the whole drawn to scale. */
export function ModelTable({ rows, measure }: { rows: readonly OwnUsageRow[]; measure: Measure }) {
  const t = useTranslations("account.usage");
  const count = new Intl.NumberFormat(useLocale());
  const models = sumByModel(rows, measure);
  const size = (row: ModelUsage) =>
    measure === "requests" ? row.requests : row.promptTokens + row.completionTokens;
  const total = Math.max(
    1,
    models.reduce((sum, row) => sum + size(row), 0),
  );
  return (
    <section aria-labelledby="usage-by-model" className="mt-10">
      <h2 id="usage-by-model" className="text-h2">
        {t("byModel")}
      </h2>
      <ScrollRegion label={t("byModel")} className="mt-2">
        <DataTable caption={t("byModel")}>
          <thead>
            <tr>
              <HeadCell>{t("model")}</HeadCell>
              <HeadCell className="w-1/4 max-sm:hidden">{t("share")}</HeadCell>
              <HeadCell isRight>{t("requests")}</HeadCell>
              <HeadCell isRight>{t("errors")}</HeadCell>
              <HeadCell isRight>{t("promptTokens")}</HeadCell>
              <HeadCell isRight>{t("completionTokens")}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {models.map((row) => (
              <tr key={row.model}>
                <RowHead className="max-w-48 truncate">{row.model}</RowHead>
                <Cell className="max-sm:hidden">
                  <span
                    aria-hidden="true"
                    className="block h-2 bg-accent"
                    style={{ width: `${(size(row) / total) * 100}%` }}
                  />
                </Cell>
                <Cell isRight>{count.format(row.requests)}</Cell>
                <Cell isRight>{count.format(row.errors)}</Cell>
                <Cell isRight>{count.format(row.promptTokens)}</Cell>
                <Cell isRight>{count.format(row.completionTokens)}</Cell>
              </tr>
            ))}
          </tbody>
        </DataTable>
      </ScrollRegion>
    </section>
  );
}
