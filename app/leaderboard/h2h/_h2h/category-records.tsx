import { useLocale, useTranslations } from "next-intl";
import { useCategoryName } from "@/app/_components/category-name";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatDifference, formatProbability, formatShare } from "@/app/_components/format-number";
import { IntervalGlyph } from "@/app/_components/interval-glyph";
import { positionOf, type ScoreDomain } from "@/app/_components/score-domain";
import { ScrollRegion } from "@/app/_components/scroll-region";
import type { HeadToHead, HeadToHeadRecord } from "@/lib/protocol";

const shares: ScoreDomain = { min: -0.02, max: 1.02, ticks: [0, 0.25, 0.5, 0.75, 1] };

/** Category by category, overall first: the direct share to scale, and what the votes of the category say. */
export function CategoryRecords({ found }: { found: HeadToHead }) {
  const t = useTranslations("h2h");
  return (
    <ScrollRegion label={t("categories")}>
      <DataTable caption={t("categories")}>
        <thead>
          <tr>
            <HeadCell>{t("category")}</HeadCell>
            <HeadCell className="relative w-full min-w-[140px]">
              <span className="sr-only">{t("share")}</span>
              <span aria-hidden="true" className="number absolute inset-x-0 bottom-2.5 block h-4">
                {shares.ticks.map((tick) => (
                  <span
                    key={tick}
                    className="absolute -translate-x-1/2"
                    style={{ left: `${positionOf(tick, shares)}%` }}
                  >
                    {tick === 0.5 ? formatShare(tick) : Math.round(tick * 100)}
                  </span>
                ))}
              </span>
            </HeadCell>
            <HeadCell isRight className="pl-5">
              {t("votes")}
            </HeadCell>
            <HeadCell isRight>{t("betterShort")}</HeadCell>
            <HeadCell isRight className="max-sm:hidden">
              {t("difference")}
            </HeadCell>
            <HeadCell isRight className="max-sm:hidden">
              {t("needed")}
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {[found.overall, ...found.categories].map((record) => (
            <RecordRow key={record.category} record={record} />
          ))}
        </tbody>
      </DataTable>
    </ScrollRegion>
  );
}

function RecordRow({ record }: { record: HeadToHeadRecord }) {
  const t = useTranslations("h2h");
  const locale = useLocale();
  const nameOf = useCategoryName();
  const count = new Intl.NumberFormat(locale);
  const { direct, scoreDifference, probabilityBetter, isSeparated, votesToSeparate } = record;
  const { share } = direct;
  return (
    <tr>
      <RowHead className="whitespace-nowrap">{nameOf(record.category)}</RowHead>
      <Cell className="relative">
        {share === null ? (
          <span className="text-hint text-fg-3">{t("neverMet")}</span>
        ) : (
          <IntervalGlyph
            {...share}
            domain={shares}
            reference={0.5}
            isFilled={share.lower > 0.5 || share.upper < 0.5}
            label={t("shareOf", {
              share: formatShare(share.value),
              lower: formatShare(share.lower),
              upper: formatShare(share.upper),
            })}
          />
        )}
      </Cell>
      <Cell isRight className="text-fg-2">
        {count.format(direct.votes)}
      </Cell>
      <Cell isRight className="font-medium">
        {probabilityBetter === null ? "–" : formatProbability(probabilityBetter)}
      </Cell>
      <Cell isRight className="max-sm:hidden">
        {scoreDifference === null ? (
          "–"
        ) : (
          <>
            {formatDifference(scoreDifference.value, locale)}
            <span className="ml-2 inline-block min-w-9 text-hint text-fg-3">
              ±{Math.round((scoreDifference.upper - scoreDifference.lower) / 2)}
            </span>
          </>
        )}
      </Cell>
      <Cell isRight className="text-fg-2 max-sm:hidden">
        {isSeparated ? t("separatedShort") : votesToSeparate === null ? "–" : count.format(votesToSeparate)}
      </Cell>
    </tr>
  );
}
