"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { positionOf, type ScoreDomain } from "@/app/_components/score-domain";
import type { RatedRow } from "./sort-rows";

type BoardIntervalProps = { rating: RatedRow["rating"]; leaderLower: number; domain: ScoreDomain };

/** The 95 % interval and the score, to scale; dashed, the lower bound of the tier's leader. Fills its box. */
export function BoardInterval({ rating, leaderLower, domain }: BoardIntervalProps) {
  const t = useTranslations("board");
  const locale = useLocale();
  const at = (score: number) => `${positionOf(score, domain)}%`;
  const label = t("interval", {
    score: formatScore(rating.score, locale),
    lower: formatScore(rating.lower, locale),
    upper: formatScore(rating.upper, locale),
  });
  return (
    <div role="img" aria-label={label} className="absolute inset-0">
      {domain.ticks.map((tick) => (
        <span key={tick} className="absolute inset-y-0 w-px bg-line" style={{ left: at(tick) }} />
      ))}
      <span
        className="absolute inset-y-0 border-l border-dashed border-fg-3"
        style={{ left: at(leaderLower) }}
      />
      <span
        className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-accent"
        style={{
          left: at(rating.lower),
          width: `${positionOf(rating.upper, domain) - positionOf(rating.lower, domain)}%`,
        }}
      />
      <span
        className="absolute top-1/2 box-content size-2 -translate-1/2 rounded-full border-2 border-bg bg-accent bg-clip-padding"
        style={{ left: at(rating.score) }}
      />
    </div>
  );
}
