"use client";

import { useTranslations } from "next-intl";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useMediaQuery } from "@/app/_hooks/use-media-query";
import type { RevealedBattle, Side, TurnView } from "@/lib/protocol";
import { Pane, type PaneHandle } from "./pane";
import { PaneTabs } from "./pane-tabs";
import { sideName, sides } from "./sides";

export type PanesHandle = { focus: (side: Side) => void; copyFocused: () => void };

type PanesProps = {
  ref: Ref<PanesHandle>;
  turns: readonly TurnView[];
  /** The names, once the vote is cast. */
  reveal: RevealedBattle | null;
  canRetry: boolean;
  isComposerEmpty: boolean;
  onRetry: (side: Side) => void;
  onNewPair: () => void;
};

/** Both answers, pixel-equal: side by side, or on a phone one of them with tabs above and a swipe between. */
export function Panes({ ref, turns, reveal, canRetry, isComposerEmpty, onRetry, onNewPair }: PanesProps) {
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

  const nameOf = (side: Side) =>
    reveal?.sides[side].model.displayName ?? t("assistant", { side: sideName(side) });

  return (
    <section aria-label={t("answers")} className="flex min-h-0 flex-1 flex-col">
      <PaneTabs
        shown={shown}
        names={{ a: nameOf("a"), b: nameOf("b") }}
        statuses={{ a: turn?.a.status ?? null, b: turn?.b.status ?? null }}
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
            turns={turns}
            isRevealed={reveal !== null}
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
