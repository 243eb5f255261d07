import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatMargin, formatRankSpread, formatScore, formatShare } from "@/app/_components/format-number";
import { FigurePanel, KeyFigure } from "@/app/_components/key-figure";
import type { ModelCard } from "@/lib/protocol";

/** Where the model stands, each figure with its uncertainty or its count. */
export function ModelFigures({ card, ratedCount }: { card: ModelCard; ratedCount: number }) {
  const t = useTranslations("model");
  const reason = useTranslations("board.reason");
  const locale = useLocale();
  const { rating } = card;
  const missing: ReactNode = <span className="text-fg-3">–</span>;
  return (
    <div className="mt-5">
      <FigurePanel>
        <KeyFigure
          name={t("score")}
          figure={rating === null ? missing : formatScore(rating.score, locale)}
          unit={
            rating === null
              ? t("noScore")
              : formatMargin(rating.lower, rating.upper, locale) +
                (rating.isPreliminary ? ` · ${t("preliminary")}` : "")
          }
        />
        <KeyFigure
          name={t("rank")}
          figure={rating === null ? missing : formatRankSpread(rating.rankBest, rating.rankWorst)}
          unit={rating === null ? null : t("ofModels", { count: ratedCount, tier: rating.tier })}
        />
        <KeyFigure
          name={t("winRate")}
          figure={card.winRate === null ? missing : formatShare(card.winRate)}
          unit={card.winRate === null ? null : t("winRateUnit")}
        />
        <KeyFigure
          name={t("votes")}
          figure={new Intl.NumberFormat(locale).format(card.votes)}
          unit={t("votesUnit", { count: card.opponents.length })}
        />
        <KeyFigure name={t("elo")} figure={formatScore(card.elo, locale)} unit={t("eloUnit")} />
      </FigurePanel>
      {rating === null && card.unratedReason !== null ? (
        <p className="mt-3 text-fg-2">{t("unrated", { reason: reason(card.unratedReason) })}</p>
      ) : null}
    </div>
  );
}
