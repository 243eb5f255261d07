"use client";

import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { isTextField, useCommandKeys } from "@/app/_hooks/use-keys";
import { cn } from "@/app/_ui/cn";
import { Kbd } from "@/app/_ui/kbd";

const shownMs = 6_000;

type UndoToastProps = {
  /** How many chats are gone. Another one starts its clock anew. */
  count: number;
  /** At the foot of the list, where that lies over the page and would hide it; else it floats above the composer. */
  isInSheet: boolean;
  onUndo: () => void;
  onOver: () => void;
};

/** Deletions that can be undone together. The clock stands still under the pointer and while it has the focus. */
export function UndoToast({ count, isInSheet, onUndo, onOver }: UndoToastProps) {
  const t = useTranslations();
  const [isHeld, setIsHeld] = useState(false);
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another deletion starts the clock anew.
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => over.current(), shownMs);
    return () => clearTimeout(timer);
  }, [isHeld, count]);

  useCommandKeys({
    z: (event) => {
      // In a text field it takes back what was typed.
      if (isTextField(event.target) && (event.target as HTMLInputElement).value !== "") return;
      event.preventDefault();
      onUndo();
    },
  });

  return (
    <div
      role="status"
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
      className={cn(
        "flex animate-rise items-center gap-2.5 rounded-panel border border-line-2 bg-popover py-1.5 pr-1.5 pl-4 text-ui shadow-float",
        isInSheet ? "m-3" : "fixed bottom-28 left-1/2 z-50 w-[min(340px,calc(100vw-32px))] -translate-x-1/2",
      )}
    >
      <Check size={16} aria-hidden="true" className="text-ok" />
      <span className="flex-1">{t("chat.side.deleted", { count })}</span>
      <button
        type="button"
        onClick={onUndo}
        className="flex h-9 items-center gap-2 rounded-control px-3 font-medium hover:bg-muted"
      >
        {t("common.undo")}
        <Kbd className="max-sm:hidden">Ctrl Z</Kbd>
      </button>
    </div>
  );
}
