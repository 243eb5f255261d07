"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { positionOf, type ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import type { BoardName } from "@/lib/protocol";
import { BoardRow, narrowing, shownColumns } from "./board-row";
import { SortHead } from "./sort-head";
import {
  groupByTier,
  isBoardOrder,
  leaderLowerOf,
  type RatedRow,
  type Sorting,
  type SortKey,
  sortRows,
} from "./sort-rows";

type BoardTableProps = {
  rows: readonly RatedRow[];
  /** Every rated row, also those that a search hides: they fix the scale and the tiers. */
  all: readonly RatedRow[];
  domain: ScoreDomain;
  sorting: Sorting;
  onSort: (key: SortKey) => void;
  board: BoardName;
};

export function BoardTable({ rows, all, domain, sorting, onSort, board }: BoardTableProps) {
  const t = useTranslations("board");
  const head = { sorting, onSort };
  const columns = shownColumns(all);
  const shared = { domain, board, columns };
  return (
    <div className="overflow-hidden rounded-panel border border-line-2 max-sm:hidden">
      <table className="w-full border-collapse">
        <thead>
          <tr className="h-9 border-b border-line-2 text-left text-small text-fg-3">
            <th scope="col" className="w-16">
              <span className="sr-only">{t("tier", { number: "" })}</span>
            </th>
            <th scope="col" className="px-3 text-right font-normal whitespace-nowrap">
              {t("rank")}
            </th>
            <SortHead {...head} sortKey="model" label={t("model")} />
            <th scope="col" className="w-full min-w-[240px] font-normal">
              <Axis domain={domain} label={t("scale")} />
            </th>
            <SortHead {...head} sortKey="score" label={t("score")} isRight />
            <SortHead {...head} sortKey="votes" label={t("votes")} isRight className={narrowing.votes} />
            <SortHead
              {...head}
              sortKey="winRate"
              label={t("winRate")}
              isRight
              className={narrowing.winRate}
            />
            {columns.elo ? (
              <SortHead {...head} sortKey="elo" label={t("elo")} isRight className={narrowing.elo} />
            ) : null}
            {columns.organization ? (
              <SortHead
                {...head}
                sortKey="organization"
                label={t("organization")}
                className={narrowing.organization}
              />
            ) : null}
            {columns.licence ? (
              <SortHead {...head} sortKey="licence" label={t("licence")} className={narrowing.licence} />
            ) : null}
            {columns.context ? (
              <SortHead
                {...head}
                sortKey="context"
                label={t("context")}
                isRight
                className={narrowing.context}
              />
            ) : null}
            {columns.price ? (
              <SortHead {...head} sortKey="price" label={t("price")} isRight className={narrowing.price} />
            ) : null}
          </tr>
        </thead>
        {isBoardOrder(sorting) ? (
          groupByTier(rows, all).map((tier, index) => (
            <tbody
              key={tier.number}
              className={cn("[&>tr:first-child>*]:border-line-2", index % 2 === 1 && "bg-surface")}
            >
              {tier.rows.map((row, place) => (
                <BoardRow
                  key={row.model}
                  {...shared}
                  row={row}
                  leaderLower={tier.leaderLower}
                  tierSpan={place === 0 ? tier.rows.length : 0}
                />
              ))}
            </tbody>
          ))
        ) : (
          <tbody>
            {sortRows(rows, sorting).map((row) => (
              <BoardRow
                key={row.model}
                {...shared}
                row={row}
                leaderLower={leaderLowerOf(row.rating.tier, all)}
                tierSpan={1}
              />
            ))}
          </tbody>
        )}
      </table>
    </div>
  );
}

/** The figures of the scale, above the column that they measure. */
export function Axis({ domain, label, every = 1 }: { domain: ScoreDomain; label: string; every?: number }) {
  const locale = useLocale();
  // Every hundredth on a narrow scale, so the round ones are kept.
  const step = (domain.ticks[1] ?? 0) - (domain.ticks[0] ?? 0);
  const shown = domain.ticks.filter((tick) => every === 1 || Math.round(tick / step) % every === 0);
  return (
    <div className="relative h-4">
      <span className="sr-only">{label}</span>
      {shown.map((tick) => (
        <span
          key={tick}
          aria-hidden="true"
          className="number absolute -translate-x-1/2"
          style={{ left: `${positionOf(tick, domain)}%` }}
        >
          {formatScore(tick, locale)}
        </span>
      ))}
    </div>
  );
}
