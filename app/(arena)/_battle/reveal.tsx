"use client";

import { Check, ChevronDown, Scale } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { headToHeadHref } from "@/app/_components/model-links";
import { scoreDomain } from "@/app/_components/score-domain";
import { ShareButton } from "@/app/_components/sharing/share-button";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import { Button, buttonClass } from "@/app/_ui/button";
import { cn } from "@/app/_ui/cn";
import { IconButton } from "@/app/_ui/icon-button";
import { Kbd } from "@/app/_ui/kbd";
import type { RevealedBattle } from "@/lib/protocol";
import { RevealScore, RevealSide } from "./reveal-side";
import { SideBadge } from "./side-badge";
import { sides } from "./sides";
import { VoteReasonsRow } from "./vote-reasons-row";

/** The ring shows also where a pointer cast the vote: the next key acts here. */
const visibly = { preventScroll: true, focusVisible: true };

type RevealProps = {
  battle: RevealedBattle;
  onNewBattle: () => void;
  /** The visitor goes on with the same models by name. */
  onSameNamed: () => void;
};

/** The dock after the vote: names, what the vote changed, and the way on. On a phone it folds to one line a side. */
export function Reveal({ battle, onNewBattle, onSameNamed }: RevealProps) {
  const t = useTranslations();
  const newBattle = useRef<HTMLButtonElement>(null);
  const isShort = useMediaQuery("(width < 640px) and (height < 800px)");
  const isWide = useMediaQuery("(width >= 960px)");
  const [choice, setChoice] = useState<boolean | null>(null);
  const isFolded = choice ?? isShort;
  const { outcome } = battle.vote;
  const isBlind = battle.board === "blind";
  const { isTextDeleted } = battle;
  const { a, b } = battle.sides;
  const named = `/compare?${new URLSearchParams({ a: a.model.name, b: b.model.name })}`;

  // A model that met itself has no record against itself, and is no comparison.
  const isPair = a.model.name !== b.model.name;
  const headToHead = headToHeadHref(a.model.name, b.model.name, battle.board);

  useEffect(() => newBattle.current?.focus(visibly), []);

  const shown = sides.flatMap((side) => [battle.sides[side].before, battle.sides[side].after]);
  const domain = scoreDomain(
    shown.filter((score) => score !== null),
    { step: 40, maxTicks: 7, margin: 0.08 },
  );
  const hasScore = sides.some((side) => battle.sides[side].after !== null);
  const strong = (chunks: ReactNode) => <strong className="font-semibold">{chunks}</strong>;

  return (
    <section aria-label={t("reveal.label")} className="shrink-0 animate-rise border-t border-line bg-bg">
      <div className="flex h-15 items-center gap-3 pr-2 pl-4 max-sm:h-12 sm:pr-5 sm:pl-5 md:px-10">
        <Check size={16} aria-hidden="true" className="shrink-0 text-ok" />
        <p className="shrink-0">{t.rich("vote.savedAs", { strong, choice: t(`vote.${outcome}`) })}</p>
        {isBlind && !hasScore ? null : (
          <p className="min-w-0 truncate text-hint text-fg-3 max-lg:hidden">
            {t(isBlind ? "reveal.legend" : "reveal.compareLegend")}
          </p>
        )}
        <div className="ml-auto flex gap-2 max-sm:hidden">
          {isPair ? (
            <Link
              href={headToHead}
              prefetch={false}
              className={buttonClass("quiet")}
              data-tip={isWide ? undefined : t("reveal.headToHead")}
            >
              <Scale size={16} aria-hidden="true" />
              <span className="max-md:sr-only">{t("reveal.headToHead")}</span>
            </Link>
          ) : null}
          <ShareButton
            target={{ battleId: battle.id }}
            className={cn(buttonClass("quiet"), isTextDeleted && "hidden")}
          />
          {isBlind && isPair ? (
            <Link href={named} onClick={onSameNamed} className={buttonClass()}>
              {t("reveal.sameNamed")}
            </Link>
          ) : null}
          <Button ref={newBattle} variant="primary" aria-keyshortcuts="N" onClick={onNewBattle}>
            {t(isBlind ? "reveal.newBattle" : "reveal.newComparison")}
            <Kbd>N</Kbd>
          </Button>
        </div>
        <IconButton
          isLarge
          label={t(isFolded ? "reveal.unfold" : "reveal.fold")}
          aria-expanded={!isFolded}
          onClick={() => setChoice(!isFolded)}
          className="ml-auto sm:hidden"
        >
          <ChevronDown
            size={18}
            className={cn("transition-transform duration-[180ms]", isFolded && "rotate-180")}
          />
        </IconButton>
      </div>
      <div className={cn("border-t border-line sm:hidden", !isFolded && "hidden")}>
        {sides.map((side) => (
          <div key={side} className="flex h-10 items-center gap-2.5 px-4">
            <SideBadge side={side} isFilled={outcome === side} />
            <span className="min-w-0 truncate font-semibold">{battle.sides[side].model.displayName}</span>
            {isBlind ? <RevealScore revealed={battle.sides[side]} /> : null}
          </div>
        ))}
      </div>
      <div
        className={cn(
          "grid border-t border-line sm:grid-cols-2 max-sm:max-h-[54dvh] max-sm:divide-y max-sm:overflow-y-auto divide-line",
          isFolded && "max-sm:hidden",
        )}
      >
        {sides.map((side) => (
          <RevealSide
            key={side}
            side={side}
            revealed={battle.sides[side]}
            isWinner={outcome === side}
            domain={domain}
            isBlind={isBlind}
          />
        ))}
        {isPair ? (
          <Link
            href={headToHead}
            prefetch={false}
            className="flex h-11 items-center gap-2.5 border-b-0! px-4 text-ui text-fg-2 sm:hidden"
          >
            <Scale size={16} aria-hidden="true" />
            {t("reveal.headToHead")}
          </Link>
        ) : null}
        <VoteReasonsRow battle={battle} />
      </div>
      <div className="border-t border-line px-3 pt-2.5 pb-[calc(22px+env(safe-area-inset-bottom))] sm:hidden">
        <div className="flex gap-2">
          <ShareButton
            target={{ battleId: battle.id }}
            className={cn(buttonClass("default", "large"), "w-12 px-0", isTextDeleted && "hidden")}
            wordClassName="hidden"
          />
          {isBlind && isPair ? (
            <Link
              href={named}
              onClick={onSameNamed}
              className={cn(buttonClass("default", "large"), "min-w-0 flex-1")}
            >
              {t("reveal.sameNamedShort")}
            </Link>
          ) : null}
          <Button variant="primary" size="large" onClick={onNewBattle} className="min-w-0 flex-1">
            {t(isBlind ? "reveal.newBattle" : "reveal.newComparison")}
          </Button>
        </div>
      </div>
    </section>
  );
}
