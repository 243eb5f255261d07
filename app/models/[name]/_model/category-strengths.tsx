import { useLocale, useTranslations } from "next-intl";
import { useCategoryName } from "@/app/_components/category-name";
import { Cell, DataTable, HeadCell, RowHead } from "@/app/_components/data-table";
import { formatDifference } from "@/app/_components/format-number";
import { IntervalGlyph } from "@/app/_components/interval-glyph";
import { positionOf, scoreDomain } from "@/app/_components/score-domain";
import type { ModelCard } from "@/lib/protocol";

/** Where the model is stronger or weaker than its own overall score, to scale. */
export function CategoryStrengths({ card }: { card: ModelCard }) {
  const t = useTranslations("model");
  const locale = useLocale();
  const nameOf = useCategoryName();
  const count = new Intl.NumberFormat(locale);
  const rows = card.categories
    .map(({ category, votes, rating, againstOverall }) => {
      if (rating === null || againstOverall === null) return { category, votes, shift: null };
      const half = (rating.upper - rating.lower) / 2;
      return {
        category,
        votes,
        shift: { value: againstOverall, lower: againstOverall - half, upper: againstOverall + half, half },
      };
    })
    .sort((left, right) => {
      if (left.shift === null || right.shift === null)
        return Number(left.shift === null) - Number(right.shift === null) || right.votes - left.votes;
      return right.shift.value - left.shift.value;
    });
  if (rows.length === 0) return <p className="text-fg-2">{t("noCategories")}</p>;
  const shifts = rows.flatMap(({ shift }) => (shift === null ? [] : [shift]));
  // Zero in the middle, so that left and right weigh the same to the eye.
  const reach = Math.max(50, ...shifts.flatMap(({ lower, upper }) => [Math.abs(lower), Math.abs(upper)]));
  const domain = scoreDomain([{ lower: -reach, upper: reach }], { step: 25, maxTicks: 5, margin: 0.03 });

  return (
    <DataTable caption={t("strengths")}>
      <thead>
        <tr>
          <HeadCell>{t("category")}</HeadCell>
          <HeadCell className="relative w-full min-w-[120px]">
            <span className="sr-only">{t("scale")}</span>
            <span aria-hidden="true" className="number absolute inset-x-0 bottom-2.5 block h-4">
              {domain.ticks.map((tick) => (
                <span
                  key={tick}
                  className="absolute -translate-x-1/2"
                  style={{ left: `${positionOf(tick, domain)}%` }}
                >
                  {formatDifference(tick, locale)}
                </span>
              ))}
            </span>
          </HeadCell>
          <HeadCell isRight>{t("difference")}</HeadCell>
          <HeadCell isRight>{t("votes")}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ category, votes, shift }) => (
          <tr key={category}>
            <RowHead className="whitespace-nowrap">{nameOf(category)}</RowHead>
            <Cell className="relative">
              {shift === null ? (
                <span className="text-hint whitespace-normal text-fg-3">{t("noScore")}</span>
              ) : (
                <IntervalGlyph
                  {...shift}
                  domain={domain}
                  reference={0}
                  isFilled={shift.lower > 0 || shift.upper < 0}
                  label={t("shift", {
                    difference: formatDifference(shift.value, locale),
                    lower: formatDifference(shift.lower, locale),
                    upper: formatDifference(shift.upper, locale),
                  })}
                />
              )}
            </Cell>
            <Cell isRight>
              {shift === null ? (
                <span className="text-fg-3">–</span>
              ) : (
                <>
                  <span className="font-medium">{formatDifference(shift.value, locale)}</span>
                  <span className="ml-2 inline-block min-w-8 text-hint text-fg-3">
                    ±{Math.round(shift.half)}
                  </span>
                </>
              )}
            </Cell>
            <Cell isRight className="text-fg-2">
              {count.format(votes)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
