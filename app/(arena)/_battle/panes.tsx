"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import type { ModelView, RevealedBattle, Side, TurnView } from "@/lib/protocol";
import { Pane, type PaneHandle } from "./pane";
import { PaneTabs } from "./pane-tabs";
import { sideName, sides } from "./sides";

export type PanesHandle = { focus: (side: Side) => void; copyFocused: () => void };

type PanesProps = {
  ref: Ref<PanesHandle>;
  turns: readonly TurnView[];
  /** The names, once the vote is cast. */
  reveal: RevealedBattle | null;
  /** The names before the vote, where the visitor has chosen the models. */
  models: Record<Side, ModelView> | null;
  /** Of a comparison: what chooses a side's model, and what exchanges the sides. */
  pickerOf: ((side: Side) => ReactNode) | null;
  swap: ReactNode;
  canRetry: boolean;
  isComposerEmpty: boolean;
  onRetry: (side: Side) => void;
  onNewPair: (() => void) | null;
};

/** Both answers, pixel-equal: side by side, or on a phone one of them with tabs above and a swipe between. */
export function Panes(props: PanesProps) {
  const { ref, turns, reveal, models, pickerOf, swap, canRetry, isComposerEmpty, onRetry, onNewPair } = props;
  const t = useTranslations("arena");
  const strip = useRef<HTMLDivElement>(null);
  const handles = { a: useRef<PaneHandle>(null), b: useRef<PaneHandle>(null) };
  const [shown, setShown] = useState<Side>("a");
  const isPhone = useMediaQuery("(width < 640px)");
  const turn = turns.at(-1);

  function show(side: Side) {
    setShown(side);
    const element = strip.current;
    if (element !== null)
      element.scrollTo({ left: side === "a" ? 0 : element.scrollWidth, behavior: "smooth" });
  }

  useImperativeHandle(ref, () => ({
    focus(side) {
      if (isPhone) show(side);
      handles[side].current?.focus();
    },
    copyFocused() {
      const focused = sides.find((side) => handles[side].current?.hasFocus() === true);
      handles[focused ?? (isPhone ? shown : "a")].current?.copy();
    },
  }));

  // Turning a phone to its side ends the strip; it must not stay scrolled.
  useEffect(() => {
    if (!isPhone) strip.current?.scrollTo({ left: 0 });
  }, [isPhone]);

  const nameOf = (side: Side) => models?.[side].displayName ?? t("assistant", { side: sideName(side) });

  return (
    <section aria-label={t("answers")} className="relative flex min-h-0 flex-1 flex-col">
      {pickerOf === null ? null : (
        <div className="grid h-13 shrink-0 grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-1 border-b border-line px-2 sm:hidden">
          {pickerOf("a")}
          {swap}
          {pickerOf("b")}
        </div>
      )}
      {/* On the rule between the two heads. */}
      {pickerOf === null ? null : (
        <div className="absolute top-1.5 left-1/2 z-10 -translate-x-1/2 rounded-control bg-bg max-sm:hidden">
          {swap}
        </div>
      )}
      <PaneTabs
        shown={shown}
        names={{ a: nameOf("a"), b: nameOf("b") }}
        responses={{ a: turn?.a ?? null, b: turn?.b ?? null }}
        winner={winnerOf(reveal)}
        isRevealed={reveal !== null}
        onShow={show}
      />
      <div
        ref={strip}
        onScroll={(event) => {
          if (!isPhone) return;
          const { scrollLeft, clientWidth } = event.currentTarget;
          setShown(scrollLeft > clientWidth / 2 ? "b" : "a");
        }}
        className="flex min-h-0 flex-1 max-sm:snap-x max-sm:snap-mandatory max-sm:overflow-x-auto max-sm:overscroll-x-contain max-sm:[scrollbar-width:none] sm:grid sm:grid-cols-2 sm:grid-rows-[minmax(0,1fr)] sm:overflow-hidden"
      >
        {sides.map((side) => (
          <Pane
            key={side}
            ref={handles[side]}
            side={side}
            name={nameOf(side)}
            picker={pickerOf?.(side) ?? null}
            turns={turns}
            isRevealed={reveal !== null}
            votedBattleId={reveal?.id ?? null}
            isWinner={winnerOf(reveal) === side}
            isTabPanel={isPhone}
            canRetry={canRetry}
            mayTakeFocus={isComposerEmpty}
            onRetry={onRetry}
            onNewPair={onNewPair}
          />
        ))}
      </div>
    </section>
  );
}

function winnerOf(reveal: RevealedBattle | null): Side | null {
  const outcome = reveal?.vote.outcome;
  return outcome === "a" || outcome === "b" ? outcome : null;
}
