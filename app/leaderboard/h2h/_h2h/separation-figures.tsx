import { useLocale, useTranslations } from "next-intl";
import {
  formatDifference,
  formatProbability,
  formatShare,
  formatShareMargin,
} from "@/app/_components/format-number";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import type { HeadToHead } from "@/lib/protocol";

/** What all votes together say of the two: how likely which is better, by how much, and what is missing to tell. */
export function SeparationFigures({ found }: { found: HeadToHead }) {
  const t = useTranslations("h2h");
  const locale = useLocale();
  const { overall, a } = found;
  const { predicted, scoreDifference, probabilityBetter, isSeparated, votesToSeparate, direct } = overall;
  const count = new Intl.NumberFormat(locale);
  const missing = <span className="text-fg-3">–</span>;
  return (
    <div className="mt-5">
      <FigurePanel>
        <KeyFigure
          name={t("better", { a: a.displayName })}
          figure={probabilityBetter === null ? missing : formatProbability(probabilityBetter)}
          unit={probabilityBetter === null ? t("unrated") : null}
        />
        <KeyFigure
          name={t("predicted", { a: a.displayName })}
          figure={predicted === null ? missing : formatShare(predicted.value)}
          unit={predicted === null ? null : formatShareMargin(predicted.lower, predicted.upper)}
        />
        <KeyFigure
          name={t("difference")}
          figure={scoreDifference === null ? missing : formatDifference(scoreDifference.value, locale)}
          unit={
            scoreDifference === null
              ? null
              : `±${Math.round((scoreDifference.upper - scoreDifference.lower) / 2)}`
          }
        />
        <KeyFigure
          name={t("directVotes")}
          figure={count.format(direct.votes)}
          unit={direct.votes === 0 ? t("neverMet") : null}
        />
        <KeyFigure
          name={t("needed")}
          figure={isSeparated ? 0 : votesToSeparate === null ? missing : count.format(votesToSeparate)}
          unit={t(isSeparated ? "separated" : votesToSeparate === null ? "neededUnknown" : "neededUnit")}
        />
      </FigurePanel>
      <p className="mt-3 max-w-[120ch] text-hint text-fg-3">{t("figuresNote")}</p>
    </div>
  );
}
