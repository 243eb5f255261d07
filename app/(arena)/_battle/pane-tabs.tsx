"use client";

import { useTranslations } from "next-intl";
import { type KeyboardEvent, useRef } from "react";
import { cn } from "@/app/_ui/cn";
import type { ResponseView, Side } from "@/lib/protocol";
import { SideBadge } from "./side-badge";
import { SideStatusIcon, sideStatusWord } from "./side-status";
import { otherSide, sides } from "./sides";

type PaneTabsProps = {
  shown: Side;
  names: Record<Side, string>;
  responses: Record<Side, ResponseView | null>;
  winner: Side | null;
  isRevealed: boolean;
  onShow: (side: Side) => void;
};

export const paneId = (side: Side) => `answer-${side}`;

/** A | B on a phone. Each carries its side's status, so that who reads A sees that B has finished. */
export function PaneTabs({ shown, names, responses, winner, isRevealed, onShow }: PaneTabsProps) {
  const t = useTranslations("arena");
  const tStatus = useTranslations("arena.status");
  const list = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const next = otherSide(shown);
    onShow(next);
    list.current?.querySelector<HTMLElement>(`[aria-controls="${paneId(next)}"]`)?.focus();
  }

  return (
    <div
      ref={list}
      role="tablist"
      aria-label={t("answers")}
      onKeyDown={onKeyDown}
      className="grid shrink-0 grid-cols-2 border-b border-line sm:hidden"
    >
      {sides.map((side) => {
        const response = responses[side];
        const isShown = shown === side;
        return (
          <button
            key={side}
            type="button"
            role="tab"
            aria-selected={isShown}
            aria-controls={paneId(side)}
            tabIndex={isShown ? 0 : -1}
            onClick={() => onShow(side)}
            className={cn(
              "relative flex h-[46px] min-w-0 items-center justify-center gap-2 px-3 text-ui -outline-offset-2",
              isShown ? "font-medium text-fg" : "text-fg-2",
            )}
          >
            <SideBadge side={side} isFilled={winner === side} />
            <span className="truncate">{names[side]}</span>
            {response === null || isRevealed ? null : (
              <>
                <SideStatusIcon status={response.status} />
                <span className="sr-only">{sideStatusWord(tStatus, response)}</span>
              </>
            )}
            {isShown ? <span className="absolute inset-x-0 -bottom-px h-0.5 bg-fg" /> : null}
          </button>
        );
      })}
    </div>
  );
}
