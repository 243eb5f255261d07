"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatMargin, formatRankSpread, formatScore } from "@/app/_components/format-number";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import { BoardInterval } from "./board-interval";
import { Axis } from "./board-table";
import { groupByTier, type RatedRow } from "./sort-rows";

type BoardListProps = { rows: readonly RatedRow[]; all: readonly RatedRow[]; domain: ScoreDomain };

/** The board below 640 px: two lines a model, the scale's figures stay in view. */
export function BoardList({ rows, all, domain }: BoardListProps) {
  const t = useTranslations("board");
  const locale = useLocale();
  return (
    <div className="-mx-4 sm:hidden">
      <div className="sticky top-13 z-10 border-y border-line-2 bg-bg py-1.5 pr-4 pl-[84px] text-small text-fg-3">
        <Axis domain={domain} label={t("scale")} every={2} />
      </div>
      <ol>
        {groupByTier(rows, all).map((tier, tierIndex) =>
          tier.rows.map((row, place) => (
            <li
              key={row.model}
              data-row={row.model}
              className={cn(
                "grid grid-cols-[68px_1fr_auto] gap-x-0 border-b px-4 pt-2 pb-1.5",
                place === tier.rows.length - 1 ? "border-line-2" : "border-line",
                tierIndex % 2 === 1 && "bg-surface",
              )}
            >
              <span className="number font-medium">
                {formatRankSpread(row.rating.rankBest, row.rating.rankWorst)}
              </span>
              <span className="min-w-0 truncate">
                <span className="font-medium">{row.displayName}</span>
                {row.organization === null ? null : (
                  <span className="ml-2 text-hint text-fg-3">{row.organization}</span>
                )}
              </span>
              <span className="number pl-2 whitespace-nowrap">
                <span className="font-semibold">{formatScore(row.rating.score, locale)}</span>{" "}
                <span className="text-hint text-fg-3">
                  {formatMargin(row.rating.lower, row.rating.upper, locale)}
                </span>
              </span>
              <span className="text-small text-fg-3">
                {place === 0 ? t("tier", { number: tier.number }) : null}
              </span>
              <div className="relative col-span-2 h-[22px]">
                <BoardInterval rating={row.rating} leaderLower={tier.leaderLower} domain={domain} />
              </div>
            </li>
          )),
        )}
      </ol>
    </div>
  );
}
