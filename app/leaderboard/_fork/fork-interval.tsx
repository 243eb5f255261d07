"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { positionOf, type ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import type { BoardRatingView } from "@/lib/protocol";
import type { ForkedRow } from "./fork-rows";

type ForkIntervalProps = {
  row: Pick<ForkedRow, "rating" | "published">;
  leaderLower: number;
  domain: ScoreDomain;
};

/** Both fits to scale: the fork's above in blue, the published below, hollow and grey. Fills its box. */
export function ForkInterval({ row, leaderLower, domain }: ForkIntervalProps) {
  const t = useTranslations("fork");
  const locale = useLocale();
  const words = ({ score, lower, upper }: BoardRatingView) => ({
    score: formatScore(score, locale),
    lower: formatScore(lower, locale),
    upper: formatScore(upper, locale),
  });
  const own = t("intervalFork", words(row.rating));
  const published = row.published === null ? "" : `; ${t("intervalPublished", words(row.published))}`;
  return (
    <div role="img" aria-label={`${own}${published}`} className="absolute inset-0 overflow-hidden">
      {domain.ticks.map((tick) => (
        <span
          key={tick}
          className="absolute inset-y-0 w-px bg-line"
          style={{ left: `${positionOf(tick, domain)}%` }}
        />
      ))}
      <span
        className="absolute inset-y-0 border-l border-dashed border-fg-3"
        style={{ left: `${positionOf(leaderLower, domain)}%` }}
      />
      {row.published === null ? null : <Glyph rating={row.published} domain={domain} isFork={false} />}
      <Glyph rating={row.rating} domain={domain} isFork />
    </div>
  );
}

type GlyphProps = { rating: BoardRatingView; domain: ScoreDomain; isFork: boolean };

function Glyph({ rating, domain, isFork }: GlyphProps) {
  const at = (score: number) => `${positionOf(score, domain)}%`;
  const y = isFork ? "top-[calc(50%-4px)]" : "top-[calc(50%+5px)]";
  return (
    <>
      <span
        className={cn("absolute h-0.5 -translate-y-1/2", y, isFork ? "bg-accent" : "bg-fg-3")}
        style={{
          left: at(rating.lower),
          width: `${positionOf(rating.upper, domain) - positionOf(rating.lower, domain)}%`,
        }}
      />
      <span
        className={cn(
          "absolute box-border -translate-1/2 rounded-full",
          y,
          isFork ? "size-2.5 border-[1.5px] border-bg bg-accent" : "size-2 border-[1.5px] border-fg-3 bg-bg",
        )}
        style={{ left: at(rating.score) }}
      />
    </>
  );
}
