"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { formatShare } from "@/app/_components/format-number";
import { headToHeadHref } from "@/app/_components/model-links";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { BoardName } from "@/lib/protocol";
import { countGround, type PairCell, type PairMatrix, shareGround } from "./pair-matrix";

type PairHeatmapProps = { matrix: PairMatrix; kind: "share" | "battles"; caption: string; board: BoardName };

/** A table that is its own picture: each cell says its figure, its ground shows it, and it leads to the two models. */
export function PairHeatmap({ matrix, kind, caption, board }: PairHeatmapProps) {
  const t = useTranslations("plots");
  const locale = useLocale();
  const count = new Intl.NumberFormat(locale);
  const { models, cells, maxBattles } = matrix;
  const ground = (cell: PairCell) =>
    kind === "share" ? shareGround(cell.share) : countGround(cell.battles, maxBattles);
  return (
    // The names are long and a phone is narrow: the table scrolls by itself, so it has to take focus.
    <ScrollRegion label={caption} className="pb-1">
      <table className="border-separate border-spacing-0.5 text-small">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <td />
            <td />
            {models.map((model, index) => (
              <th
                key={model.model}
                scope="col"
                data-tip={model.displayName}
                className="number h-6 min-w-7 font-normal text-fg-3"
              >
                <span aria-hidden="true">{index + 1}</span>
                <span className="sr-only">{model.displayName}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map((row, rowIndex) => (
            <tr key={row.model}>
              <th
                scope="row"
                className="sticky left-0 z-10 max-w-[160px] bg-bg pr-2 text-right font-normal max-sm:max-w-[112px]"
              >
                <span className="block truncate">{row.displayName}</span>
              </th>
              <td aria-hidden="true" className="number pr-1.5 text-right text-fg-3">
                {rowIndex + 1}
              </td>
              {models.map((column, columnIndex) => {
                const cell = cells[rowIndex]?.[columnIndex] ?? null;
                if (cell === null) {
                  return (
                    <td key={column.model} className="h-7 text-center text-fg-3">
                      <span aria-hidden="true">·</span>
                      <span className="sr-only">{t("notMet")}</span>
                    </td>
                  );
                }
                const tip = t("cell", {
                  row: row.displayName,
                  column: column.displayName,
                  share: formatShare(cell.share),
                  votes: cell.battles,
                });
                return (
                  <td key={column.model} className="p-0" style={{ background: ground(cell) }}>
                    <Link
                      href={headToHeadHref(row.model, column.model, board)}
                      prefetch={false}
                      // A shortcut of the pointer: hundreds of stops would bury the page, and each model's page leads there.
                      tabIndex={-1}
                      aria-label={tip}
                      data-tip={tip}
                      className="number flex h-7 min-w-7 items-center justify-center px-1 text-fg -outline-offset-2"
                    >
                      {kind === "share" ? Math.round(cell.share * 100) : count.format(cell.battles)}
                    </Link>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
