"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { formatContext, formatPrice, formatWinRate } from "@/app/_components/format-model";
import { formatMargin, formatRankSpread, formatScore } from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { Badge } from "@/app/_ui/badge";
import { cn } from "@/app/_ui/cn";
import type { BoardName } from "@/lib/protocol";
import { ELO_START } from "@/lib/rating";
import { BoardInterval } from "./board-interval";
import type { RatedRow } from "./sort-rows";

/** As the width falls these columns go, in this order: price, context, win rate and Elo, licence, organization, votes. */
export const narrowing = {
  price: "max-[1400px]:hidden",
  context: "max-[1320px]:hidden",
  winRate: "max-[1240px]:hidden",
  elo: "max-[1160px]:hidden",
  licence: "max-[1060px]:hidden",
  organization: "max-[960px]:hidden",
  votes: "max-[760px]:hidden",
} as const;

/** Columns of which some model has anything to say: an empty one would only take width from the scale. */
export type ShownColumns = Record<"elo" | "organization" | "licence" | "context" | "price", boolean>;

export function shownColumns(rows: readonly RatedRow[]): ShownColumns {
  return {
    // Imported votes have no order to be counted in.
    elo: rows.some((row) => row.elo !== ELO_START),
    organization: rows.some((row) => row.organization !== null),
    licence: rows.some((row) => row.licence !== null),
    context: rows.some((row) => row.contextLength !== null),
    price: rows.some((row) => row.price !== null),
  };
}

type BoardRowProps = {
  row: RatedRow;
  domain: ScoreDomain;
  leaderLower: number;
  /** How many rows the cell of the tier spans; 0: an earlier row's cell covers this one. */
  tierSpan: number;
  board: BoardName;
  columns: ShownColumns;
};

export function BoardRow({ row, domain, leaderLower, tierSpan, board, columns }: BoardRowProps) {
  const t = useTranslations("board");
  const locale = useLocale();
  const { rating } = row;
  const count = new Intl.NumberFormat(locale);
  const text = "border-t border-line px-3 whitespace-nowrap text-fg-2";
  const figure = cn(text, "number text-right");
  return (
    <tr data-row={row.model} className="h-[34px]">
      {tierSpan === 0 ? null : (
        <th
          scope={tierSpan > 1 ? "rowgroup" : "row"}
          rowSpan={tierSpan}
          className="border-t border-r border-line px-3 pt-2 text-left align-top text-small font-normal whitespace-nowrap text-fg-3"
        >
          {t("tier", { number: rating.tier })}
        </th>
      )}
      <td className="number border-t border-line px-3 text-right font-medium whitespace-nowrap">
        {formatRankSpread(rating.rankBest, rating.rankWorst)}
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
          {rating.isPreliminary ? <Badge>{t("preliminary")}</Badge> : null}
          {row.stage === "retired" ? <Badge>{t("retired")}</Badge> : null}
        </span>
      </th>
      <td className="relative border-t border-line">
        <BoardInterval rating={rating} leaderLower={leaderLower} domain={domain} />
      </td>
      <td className={figure}>
        <span className="font-semibold text-fg">{formatScore(rating.score, locale)}</span>
        <span className="ml-2 inline-block min-w-8 text-hint text-fg-3">
          {formatMargin(rating.lower, rating.upper, locale)}
        </span>
      </td>
      <td className={cn(figure, narrowing.votes)}>{count.format(row.votes)}</td>
      <td className={cn(figure, narrowing.winRate)}>{formatWinRate(row.winRate)}</td>
      {columns.elo ? <td className={cn(figure, narrowing.elo)}>{formatScore(row.elo, locale)}</td> : null}
      {columns.organization ? <td className={cn(text, narrowing.organization)}>{row.organization}</td> : null}
      {columns.licence ? <td className={cn(text, narrowing.licence)}>{row.licence}</td> : null}
      {columns.context ? (
        <td className={cn(figure, narrowing.context)}>{formatContext(row.contextLength, locale)}</td>
      ) : null}
      {columns.price ? (
        <td className={cn(figure, narrowing.price)}>{formatPrice(row.price, locale)}</td>
      ) : null}
    </tr>
  );
}
