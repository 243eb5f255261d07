"use client";

import { ArrowLeft, ArrowRight, Ban, Equal, type LucideIcon } from "lucide-react";
import { useTranslations } from "next-intl";
import { composerHintId } from "@/app/_components/composer/composer-hint";
import { cn } from "@/app/_ui/cn";
import { Kbd } from "@/app/_ui/kbd";
import type { Outcome } from "@/lib/protocol";
import type { VoteState } from "./arena-state";

const segments: readonly { outcome: Outcome; Icon: LucideIcon; isIconLast?: boolean }[] = [
  { outcome: "a", Icon: ArrowLeft },
  { outcome: "tie", Icon: Equal },
  { outcome: "both_bad", Icon: Ban },
  { outcome: "b", Icon: ArrowRight, isIconLast: true },
];

type VoteBarProps = { vote: VoteState; isOpen: boolean; onVote: (outcome: Outcome) => void };

/** Four equal segments in a fixed order. Before both have finished they can be reached but not pressed; the hint says why. */
export function VoteBar({ vote, isOpen, onVote }: VoteBarProps) {
  const t = useTranslations("vote");
  const chosen = vote.phase === "saving" || vote.phase === "saved" ? vote.outcome : null;
  const canVote = isOpen && chosen === null;

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not lay out its legend and segments as one grid.
    <div
      role="group"
      aria-label={t("label")}
      className={cn(
        "grid h-11 grid-cols-4 rounded-panel border max-sm:h-15",
        canVote || chosen !== null ? "border-line-2" : "border-line",
      )}
    >
      {segments.map(({ outcome, Icon, isIconLast }, index) => {
        const isChosen = chosen === outcome;
        const label = isChosen ? t(vote.phase === "saved" ? "saved" : "saving") : t(outcome);
        return (
          <button
            key={outcome}
            type="button"
            aria-disabled={!canVote}
            aria-describedby={canVote ? undefined : composerHintId}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => {
              if (canVote) onVote(outcome);
            }}
            className={cn(
              "relative flex min-w-0 items-center justify-center gap-2.5 border-l text-ui font-medium transition-colors duration-[120ms] first:border-l-0",
              "first:rounded-l-[9px] last:rounded-r-[9px] max-sm:flex-col max-sm:gap-1.5",
              canVote || chosen !== null ? "border-line-2" : "border-line",
              canVote && "bg-bg text-fg hover:bg-muted",
              !canVote && chosen === null && "bg-surface text-fg-3",
              chosen !== null && !isChosen && "bg-bg text-fg-3",
              isChosen &&
                vote.phase === "saving" &&
                "z-10 rounded-[9px] bg-accent-soft text-accent outline-2 -outline-offset-1 outline-accent",
              isChosen && vote.phase === "saved" && "bg-accent text-accent-fg",
            )}
          >
            {isIconLast ? null : <Icon size={16} aria-hidden="true" className="shrink-0" />}
            {isIconLast ? <Icon size={16} aria-hidden="true" className="shrink-0 sm:hidden" /> : null}
            <span className="max-w-full truncate max-sm:text-hint max-sm:leading-4">{label}</span>
            {isIconLast ? <Icon size={16} aria-hidden="true" className="shrink-0 max-sm:hidden" /> : null}
            {chosen === null ? (
              <Kbd className="max-sm:hidden">
                <span aria-hidden="true">{index + 1}</span>
              </Kbd>
            ) : null}
          </button>
        );
      })}
    </div>
  );
}
