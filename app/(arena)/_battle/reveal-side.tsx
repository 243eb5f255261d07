"use client";

import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import {
  formatChange,
  formatMargin,
  formatRankSpread,
  formatScore,
  formatSeconds,
} from "@/app/_components/format-number";
import { modelHref } from "@/app/_components/model-links";
import type { ScoreDomain } from "@/app/_components/score-domain";
import { Badge } from "@/app/_ui/badge";
import { cn } from "@/app/_ui/cn";
import type { RevealedSide, Side } from "@/lib/protocol";
import { RevealScale } from "./reveal-scale";
import { SideBadge } from "./side-badge";

type RevealSideProps = {
  side: Side;
  revealed: RevealedSide;
  isWinner: boolean;
  domain: ScoreDomain;
  isBlind: boolean;
};

/** One model: who it is, where it stands and how surely, what this vote changed, and how it wrote. */
export function RevealSide({ side, revealed, isWinner, domain, isBlind }: RevealSideProps) {
  const t = useTranslations("reveal");
  const { model, after, before, votes } = revealed;
  const origin = [model.organization, model.licence].filter((fact) => fact !== null).join(" · ");

  return (
    // biome-ignore lint/a11y/useSemanticElements: not a set of fields; and the pane above is the landmark of this name.
    <div
      role="group"
      aria-label={model.displayName}
      className={cn("min-w-0 px-4 py-3 sm:px-5 sm:py-4 md:px-10", side === "b" && "border-line sm:border-l")}
    >
      <div className="flex items-center gap-2.5">
        <SideBadge side={side} isFilled={isWinner} />
        <h2 className="min-w-0 truncate text-name">
          <Link
            href={modelHref(model.name)}
            prefetch={false}
            className="-outline-offset-2 underline-offset-4 hover:underline"
          >
            {model.displayName}
          </Link>
        </h2>
        {isWinner ? <Badge tone="accent">{t("yours")}</Badge> : null}
        {isBlind ? <RevealScore revealed={revealed} /> : null}
      </div>
      <div className="flex flex-wrap justify-between gap-x-2 text-hint text-fg-3 sm:pl-[30px]">
        <p className="min-w-0">
          {origin}
          {isBlind ? (
            <span className={origin === "" ? undefined : "max-sm:hidden"}>
              {origin === "" ? null : " · "}
              {t("votes", { count: votes })}
            </span>
          ) : null}
        </p>
        {isBlind ? <RevealChange revealed={revealed} /> : null}
      </div>
      <div className="mt-3 sm:mt-4 sm:pl-[30px]">
        {!isBlind ? null : after === null ? (
          <p className="max-w-[72ch] text-hint text-fg-3">{t("noScore")}</p>
        ) : (
          <RevealScale before={before} after={after} domain={domain} />
        )}
        <Measurements revealed={revealed} />
      </div>
    </div>
  );
}

/** The board score with its margin, or the online Elo where the board has none. */
export function RevealScore({ revealed }: { revealed: RevealedSide }) {
  const t = useTranslations("reveal");
  const locale = useLocale();
  const { after, elo } = revealed;
  return (
    <p className="number ml-auto shrink-0 text-name">
      {formatScore(after === null ? elo.after : after.score, locale, 1)}{" "}
      <span className="text-hint font-normal text-fg-3">
        {after === null ? t("eloLabel") : formatMargin(after.lower, after.upper, locale)}
      </span>
    </p>
  );
}

function RevealChange({ revealed }: { revealed: RevealedSide }) {
  const t = useTranslations("reveal");
  const locale = useLocale();
  const { before, after, elo } = revealed;
  const strong = (chunks: ReactNode) => <span className="number font-medium text-fg">{chunks}</span>;
  if (after === null) {
    return <p>{t.rich("eloChange", { strong, change: formatChange(elo.after - elo.before, locale) })}</p>;
  }
  const rank = t("rank", { rank: formatRankSpread(after.rankBest, after.rankWorst) });
  if (before === null) return <p className="number">{t("firstScore", { rank })}</p>;
  return (
    <p className="number">
      {t.rich("fromVote", { strong, change: formatChange(after.score - before.score, locale), rank })}
    </p>
  );
}

function Measurements({ revealed }: { revealed: RevealedSide }) {
  const t = useTranslations("reveal");
  const locale = useLocale();
  const { tokens, firstTokenMs, tokensPerSecond, totalMs } = revealed;
  const first = firstTokenMs === null ? null : t("seconds", { value: formatSeconds(firstTokenMs, locale) });
  const speed =
    tokensPerSecond === null
      ? null
      : t("tokensPerSecond", { value: formatScore(tokensPerSecond, locale, tokensPerSecond < 100 ? 1 : 0) });
  const rows = [
    { label: t("tokens"), value: tokens === null ? null : new Intl.NumberFormat(locale).format(tokens) },
    { label: t("firstToken"), value: first },
    { label: t("speed"), value: speed },
    {
      label: t("total"),
      value: totalMs === null ? null : t("seconds", { value: formatSeconds(totalMs, locale) }),
    },
  ];
  const short = [
    tokens === null ? null : t("compactTokens", { count: tokens }),
    first === null ? null : t("compactFirst", { value: first }),
    speed,
  ].filter((part) => part !== null);

  return (
    <>
      <dl className="mt-2 flex gap-10 max-sm:hidden">
        {rows.map((row) => (
          <div key={row.label}>
            <dt className="text-small text-fg-3">{row.label}</dt>
            <dd className="number text-ui font-medium">
              {row.value ?? <span className="font-normal text-fg-3">{t("unmeasured")}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <p className="number mt-1 text-hint text-fg-2 sm:hidden">
        {short.length === 0 ? t("unmeasured") : short.join(" · ")}
      </p>
    </>
  );
}
