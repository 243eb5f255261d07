"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { formatMargin, formatRankSpread, formatScore } from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import type { BoardName } from "@/lib/protocol";
import { Axis } from "../_board/board-table";
import { groupByTier } from "../_board/sort-rows";
import { ForkInterval } from "./fork-interval";
import type { ForkedRow } from "./fork-rows";
import { Change, WasRank } from "./fork-table";

type ForkListProps = {
  rows: readonly ForkedRow[];
  all: readonly ForkedRow[];
  domain: ScoreDomain;
  board: BoardName;
};

/** The fork below 640 px: two lines a model, as the board itself. */
export function ForkList({ rows, all, domain, board }: ForkListProps) {
  const t = useTranslations("board");
  const byName = new Map(rows.map((row) => [row.model, row]));
  return (
    <div className="-mx-4 sm:hidden">
      <div className="sticky top-13 z-10 border-y border-line-2 bg-bg py-1.5 pr-4 pl-[84px] text-small text-fg-3">
        <Axis domain={domain} label={t("scale")} every={2} />
      </div>
      <ol>
        {groupByTier(rows, all).map((tier, index) =>
          tier.rows.map(({ model }, place) => {
            const row = byName.get(model);
            return row === undefined ? null : (
              <ListRow
                key={model}
                {...{ row, domain, board }}
                leaderLower={tier.leaderLower}
                className={cn(
                  place === tier.rows.length - 1 ? "border-line-2" : "border-line",
                  index % 2 === 1 && "bg-surface",
                )}
              />
            );
          }),
        )}
      </ol>
    </div>
  );
}

type ListRowProps = {
  row: ForkedRow;
  domain: ScoreDomain;
  board: BoardName;
  leaderLower: number;
  className: string;
};

function ListRow({ row, domain, board, leaderLower, className }: ListRowProps) {
  const locale = useLocale();
  const { rating } = row;
  return (
    <li
      data-row={row.model}
      className={cn("relative grid grid-cols-[68px_1fr_auto] border-b px-4 pt-2 pb-1.5", className)}
    >
      <span className="number font-medium">{formatRankSpread(rating.rankBest, rating.rankWorst)}</span>
      <span className="min-w-0 truncate">
        <Link
          href={modelHref(row.model, board)}
          prefetch={false}
          className="font-medium after:absolute after:inset-0"
        >
          {row.displayName}
        </Link>
      </span>
      <span className="number pl-2 whitespace-nowrap">
        <span className="font-semibold">{formatScore(rating.score, locale)}</span>{" "}
        <span className="text-hint text-fg-3">{formatMargin(rating.lower, rating.upper, locale)}</span>
      </span>
      <span className="number truncate text-small">
        <WasRank row={row} />
      </span>
      <div className="relative h-[26px]">
        <ForkInterval row={row} leaderLower={leaderLower} domain={domain} />
      </div>
      <span className="number pl-2 text-right text-hint text-fg-2">
        <Change row={row} />
      </span>
    </li>
  );
}
