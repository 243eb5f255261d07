"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { formatMargin, formatRankSpread, formatScore } from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import type { BoardName } from "@/lib/protocol";
import { BoardInterval } from "./board-interval";
import { Axis } from "./board-table";
import { groupByTier, isBoardOrder, leaderLowerOf, type RatedRow, type Sorting, sortRows } from "./sort-rows";

type BoardListProps = {
  rows: readonly RatedRow[];
  all: readonly RatedRow[];
  domain: ScoreDomain;
  sorting: Sorting;
  board: BoardName;
};

/** The board below 640 px: two lines a model, the scale's figures stay in view. */
export function BoardList({ rows, all, domain, sorting, board }: BoardListProps) {
  const t = useTranslations("board");
  const shared = { domain, board };
  return (
    <div className="-mx-4 sm:hidden">
      <div className="sticky top-13 z-10 border-y border-line-2 bg-bg py-1.5 pr-4 pl-[84px] text-small text-fg-3">
        <Axis domain={domain} label={t("scale")} every={2} />
      </div>
      <ol>
        {isBoardOrder(sorting)
          ? groupByTier(rows, all).map((tier, tierIndex) =>
              tier.rows.map((row, place) => (
                <ListRow
                  key={row.model}
                  {...shared}
                  row={row}
                  leaderLower={tier.leaderLower}
                  tier={place === 0 ? tier.number : null}
                  className={cn(
                    place === tier.rows.length - 1 ? "border-line-2" : "border-line",
                    tierIndex % 2 === 1 && "bg-surface",
                  )}
                />
              )),
            )
          : sortRows(rows, sorting).map((row) => (
              <ListRow
                key={row.model}
                {...shared}
                row={row}
                leaderLower={leaderLowerOf(row.rating.tier, all)}
                tier={row.rating.tier}
                className="border-line"
              />
            ))}
      </ol>
    </div>
  );
}

type ListRowProps = {
  row: RatedRow;
  domain: ScoreDomain;
  board: BoardName;
  leaderLower: number;
  /** Null: an earlier row has named it. */
  tier: number | null;
  className: string;
};

function ListRow({ row, domain, board, leaderLower, tier, className }: ListRowProps) {
  const t = useTranslations("board");
  const locale = useLocale();
  return (
    <li
      data-row={row.model}
      className={cn("relative grid grid-cols-[68px_1fr_auto] border-b px-4 pt-2 pb-1.5", className)}
    >
      <span className="number font-medium">
        {formatRankSpread(row.rating.rankBest, row.rating.rankWorst)}
      </span>
      <span className="min-w-0 truncate">
        <Link
          href={modelHref(row.model, board)}
          prefetch={false}
          className="font-medium after:absolute after:inset-0"
        >
          {row.displayName}
        </Link>
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
      <span className="text-small text-fg-3">{tier === null ? null : t("tier", { number: tier })}</span>
      <div className="relative col-span-2 h-[22px]">
        <BoardInterval rating={row.rating} leaderLower={leaderLower} domain={domain} />
      </div>
    </li>
  );
}
