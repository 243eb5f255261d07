"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import {
  formatDifference,
  formatMargin,
  formatRankSpread,
  formatScore,
} from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { Badge } from "@/app/_ui/badge";
import { cn } from "@/app/_ui/cn";
import type { BoardName } from "@/lib/protocol";
import { Axis } from "../_board/board-table";
import { groupByTier } from "../_board/sort-rows";
import { ForkInterval } from "./fork-interval";
import type { ForkedRow } from "./fork-rows";

type ForkTableProps = {
  rows: readonly ForkedRow[];
  /** Every row of the fork, also those that a search hides: they fix the tiers. */
  all: readonly ForkedRow[];
  domain: ScoreDomain;
  board: BoardName;
};

/** The fork beside the published board, from 640 px on. */
export function ForkTable({ rows, all, domain, board }: ForkTableProps) {
  const t = useTranslations("fork");
  const tBoard = useTranslations("board");
  const byName = new Map(rows.map((row) => [row.model, row]));
  return (
    <div className="overflow-hidden rounded-panel border border-line-2 max-sm:hidden">
      <table className="w-full border-collapse">
        <caption className="sr-only">{t("caption")}</caption>
        <thead>
          <tr className="h-9 border-b border-line-2 text-left text-small text-fg-3">
            <th scope="col" className="w-16">
              <span className="sr-only">{tBoard("tier", { number: "" })}</span>
            </th>
            <th scope="col" className="px-3 font-normal whitespace-nowrap">
              {tBoard("rank")}
            </th>
            <th scope="col" className="px-3 font-normal">
              {tBoard("model")}
            </th>
            <th scope="col" className="w-full min-w-[200px] font-normal">
              <Axis domain={domain} label={tBoard("scale")} />
            </th>
            <th scope="col" className="px-3 text-right font-normal whitespace-nowrap">
              {tBoard("score")}
            </th>
            <th scope="col" className="px-3 text-right font-normal whitespace-nowrap">
              {t("change")}
            </th>
          </tr>
        </thead>
        {groupByTier(rows, all).map((tier, index) => (
          <tbody
            key={tier.number}
            className={cn("[&>tr:first-child>*]:border-line-2", index % 2 === 1 && "bg-surface")}
          >
            {tier.rows.map(({ model }, place) => {
              const row = byName.get(model);
              return row === undefined ? null : (
                <Row
                  key={model}
                  {...{ row, domain, board }}
                  leaderLower={tier.leaderLower}
                  tierSpan={place === 0 ? tier.rows.length : 0}
                />
              );
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
}

type RowProps = {
  row: ForkedRow;
  domain: ScoreDomain;
  board: BoardName;
  leaderLower: number;
  /** How many rows the cell of the tier spans; 0: an earlier row's cell covers this one. */
  tierSpan: number;
};

function Row({ row, domain, board, leaderLower, tierSpan }: RowProps) {
  const tBoard = useTranslations("board");
  const locale = useLocale();
  const { rating } = row;
  return (
    <tr data-row={row.model} className="h-[37px]">
      {tierSpan === 0 ? null : (
        <th
          scope={tierSpan > 1 ? "rowgroup" : "row"}
          rowSpan={tierSpan}
          className="border-t border-r border-line px-3 pt-2.5 text-left align-top text-small font-normal whitespace-nowrap text-fg-3"
        >
          {tBoard("tier", { number: rating.tier })}
        </th>
      )}
      <td className="number border-t border-line px-3 whitespace-nowrap">
        <span className="inline-block min-w-10 text-right font-medium">
          {formatRankSpread(rating.rankBest, rating.rankWorst)}
        </span>
        <WasRank row={row} className="ml-2.5" />
      </td>
      <th scope="row" className="border-t border-line px-3 text-left font-medium whitespace-nowrap">
        <span className="flex items-center gap-2">
          <Link
            href={modelHref(row.model, board)}
            prefetch={false}
            className="rounded-badge underline-offset-4 hover:underline"
          >
            {row.displayName}
          </Link>
          {rating.isPreliminary ? <Badge>{tBoard("preliminary")}</Badge> : null}
        </span>
      </th>
      <td className="relative border-t border-line">
        <ForkInterval row={row} leaderLower={leaderLower} domain={domain} />
      </td>
      <td className="number border-t border-line px-3 text-right whitespace-nowrap text-fg-2">
        <span className="font-semibold text-fg">{formatScore(rating.score, locale)}</span>
        <span className="ml-2 inline-block min-w-8 text-hint text-fg-3">
          {formatMargin(rating.lower, rating.upper, locale)}
        </span>
      </td>
      <td className="number border-t border-line px-3 text-right whitespace-nowrap text-fg-2">
        <Change row={row} />
      </td>
    </tr>
  );
}

/** The published rank, where it is another. */
export function WasRank({ row, className }: { row: ForkedRow; className?: string }) {
  const t = useTranslations("fork");
  if (row.published === null) return <span className={cn("text-hint text-fg-3", className)}>{t("new")}</span>;
  const was = formatRankSpread(row.published.rankBest, row.published.rankWorst);
  if (was === formatRankSpread(row.rating.rankBest, row.rating.rankWorst)) return null;
  return <span className={cn("text-hint text-fg-3", className)}>{t("was", { rank: was })}</span>;
}

export function Change({ row }: { row: ForkedRow }) {
  const locale = useLocale();
  if (row.published === null) return "–";
  // What rounds to nothing is nothing, whichever side it is on.
  return formatDifference(Math.round(row.rating.score - row.published.score), locale);
}
