"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatScore } from "@/app/_components/format-number";
import { positionOf, type ScoreDomain } from "@/app/_components/score-domain";
import { cn } from "@/app/_ui/cn";
import type { BoardScore } from "@/lib/protocol";

type RevealScaleProps = { before: BoardScore | null; after: BoardScore; domain: ScoreDomain };

/** Band: 95 % interval with end ticks. Grey tick: the score before. Dot: the score now. All to scale, nothing magnified. */
export function RevealScale({ before, after, domain }: RevealScaleProps) {
  const t = useTranslations("reveal");
  const locale = useLocale();
  const lower = positionOf(after.lower, domain);
  const upper = positionOf(after.upper, domain);
  const values = {
    score: formatScore(after.score, locale, 1),
    lower: formatScore(after.lower, locale),
    upper: formatScore(after.upper, locale),
  };
  const label =
    before === null
      ? t("scale", values)
      : t("scaleWithBefore", { ...values, before: formatScore(before.score, locale, 1) });

  return (
    <div role="img" aria-label={label} className="relative h-[46px]">
      {domain.ticks.map((tick, index) => (
        <span key={tick} className="absolute top-0" style={{ left: `${positionOf(tick, domain)}%` }}>
          <span className="absolute top-0 left-0 h-7 w-px bg-line" />
          <span
            className={cn(
              "number absolute top-[30px] -translate-x-1/2 text-small text-fg-3",
              // Half the labels on a phone, the round ones.
              index % 2 === 1 ? null : "max-sm:hidden",
            )}
          >
            {formatScore(tick, locale)}
          </span>
        </span>
      ))}
      <span
        className="absolute top-2 h-3 border-x-2 border-accent bg-[color-mix(in_oklab,var(--accent)_22%,var(--bg))]"
        style={{ left: `${lower}%`, width: `${upper - lower}%` }}
      />
      {before === null ? null : (
        <span
          className="absolute top-[5px] h-[18px] w-0.5 -translate-x-1/2 bg-fg-3"
          style={{ left: `${positionOf(before.score, domain)}%` }}
        />
      )}
      <span
        className="absolute top-[9px] size-2.5 -translate-x-1/2 rounded-full border-[1.5px] border-bg bg-accent"
        style={{ left: `${positionOf(after.score, domain)}%` }}
      />
    </div>
  );
}
