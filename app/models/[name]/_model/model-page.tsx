import { ArrowLeftRight, Swords } from "lucide-react";
import Link from "next/link";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { formatContext } from "@/app/_components/format-model";
import { headToHeadHref } from "@/app/_components/model-links";
import { PlotSection } from "@/app/_components/plot-section";
import { Badge } from "@/app/_ui/badge";
import { buttonClass } from "@/app/_ui/button";
import type { ModelCard, PublishedSample } from "@/lib/protocol";
import { CategoryStrengths } from "./category-strengths";
import { ModelFigures } from "./model-figures";
import { ModelHistory } from "./model-history";
import { AllOpponents, OpponentTable } from "./opponent-tables";
import { PublishedSamples } from "./published-samples";
import { VotesByDay } from "./votes-by-day";

type ModelPageProps = { card: ModelCard; ratedCount: number; samples: readonly PublishedSample[] };

export function ModelPage({ card, ratedCount, samples }: ModelPageProps) {
  const t = useTranslations("model");
  const format = useFormatter();
  const locale = useLocale();
  const facts = [
    card.organization,
    card.licence,
    card.contextLength === null ? null : t("context", { size: formatContext(card.contextLength, locale) }),
    t(card.isServed ? "served" : "notServed"),
    t("added", { day: format.dateTime(new Date(card.createdAt), { dateStyle: "medium" }) }),
  ].filter((fact) => fact !== null);
  const byName = new Map(card.opponents.map((opponent) => [opponent.model, opponent]));
  const pick = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  const board = card.board === "blind" ? "" : `?board=${card.board}`;

  return (
    <main id="main" className="mx-auto w-full max-w-[1440px] px-4 pt-4 pb-10 sm:px-6 sm:pt-6">
      <nav aria-label={t("path")} className="text-hint text-fg-3">
        <Link href={`/leaderboard${board}`} className="rounded-badge underline-offset-4 hover:underline">
          {t("leaderboard")}
        </Link>
        {` / ${t("models")}`}
      </nav>
      <div className="mt-1 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="flex flex-wrap items-center gap-2.5 text-h1 break-all">
            {card.displayName}
            {card.stage === "retired" ? <Badge>{t("retired")}</Badge> : null}
            {card.board === "blind" ? null : <Badge>{t(`board.${card.board}`)}</Badge>}
          </h1>
          <p className="mt-0.5 text-fg-2">{facts.join(" · ")}</p>
          {card.tags.length === 0 ? null : (
            <ul aria-label={t("tags")} className="mt-2 flex flex-wrap gap-1.5">
              {card.tags.map((tag) => (
                <li key={tag}>
                  <Badge>{tag}</Badge>
                </li>
              ))}
            </ul>
          )}
        </div>
        <div className="flex flex-wrap gap-2 sm:pt-0.5">
          <Link href={headToHeadHref(card.model, undefined, card.board)} className={buttonClass("default")}>
            <ArrowLeftRight size={16} aria-hidden="true" />
            {t("compare")}
          </Link>
          <Link href="/" className={buttonClass("primary")}>
            <Swords size={16} aria-hidden="true" />
            {t("battle")}
          </Link>
        </div>
      </div>

      <ModelFigures card={card} ratedCount={ratedCount} />

      <div className="mt-9 grid gap-x-14 gap-y-10 md:grid-cols-[3fr_2fr]">
        <div className="min-w-0">
          <PlotSection title={t("history")} note={t("historyNote")}>
            <ModelHistory card={card} />
          </PlotSection>
          {card.votesByDay.length === 0 ? null : <VotesByDay days={card.votesByDay} />}
        </div>
        <PlotSection title={t("strengths")} note={t("strengthsNote")}>
          <CategoryStrengths card={card} />
        </PlotSection>
      </div>

      {card.opponents.length === 0 ? (
        <PlotSection title={t("opponents")} className="mt-10">
          <p className="text-fg-2">{t("noOpponents")}</p>
        </PlotSection>
      ) : (
        <>
          <div className="mt-10 grid gap-x-14 gap-y-10 md:grid-cols-2">
            <PlotSection title={t("best")} note={t("bestNote")}>
              <OpponentTable caption={t("best")} card={card} opponents={pick(card.bestOpponents)} />
            </PlotSection>
            <PlotSection title={t("worst")} note={t("worstNote")}>
              <OpponentTable caption={t("worst")} card={card} opponents={pick(card.worstOpponents)} />
            </PlotSection>
          </div>
          <AllOpponents card={card} />
        </>
      )}
      <PublishedSamples samples={samples} />
    </main>
  );
}
