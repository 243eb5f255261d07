"use client";

import { useEffect, useState } from "react";
import { Kbd } from "./kbd";

const openDelayMs = 450;
const edgePx = 8;

type Tip = { text: string; keyHint: string | null; x: number; y: number; isAbove: boolean };

/**
 * The tooltip of every element with `data-tip`. One for the whole page: the elements carry no code of their own, and a
 * scrolling pane cannot clip it. The name for assistive technology is the element's `aria-label`, so this is hidden from it.
 * Esc, a press, a scroll or leaving closes it (WCAG 1.4.13).
 */
export function TooltipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let anchor: Element | null = null;
    const close = () => {
      clearTimeout(timer);
      anchor = null;
      setTip(null);
    };
    const open = (target: EventTarget | null, delayMs: number) => {
      const next = target instanceof Element ? target.closest("[data-tip]") : null;
      if (next === anchor) return;
      close();
      if (next === null) return;
      anchor = next;
      timer = setTimeout(() => setTip(place(next)), delayMs);
    };
    const onPointerOver = (event: PointerEvent) => {
      if (event.pointerType === "mouse") open(event.target, openDelayMs);
    };
    // A focus that a dialog has set by itself is no question about the thing that has it.
    let wasTab = false;
    const onFocusIn = (event: FocusEvent) => {
      if (!wasTab) return;
      if (event.target instanceof Element && event.target.matches(":focus-visible"))
        open(event.target, openDelayMs);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      wasTab = event.key === "Tab";
      if (event.key === "Escape") close();
    };
    document.addEventListener("pointerover", onPointerOver);
    document.addEventListener("focusin", onFocusIn);
    document.addEventListener("focusout", close);
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("scroll", close, true);
    return () => {
      close();
      document.removeEventListener("pointerover", onPointerOver);
      document.removeEventListener("focusin", onFocusIn);
      document.removeEventListener("focusout", close);
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("scroll", close, true);
    };
  }, []);

  if (tip === null) return null;
  return (
    <div
      aria-hidden="true"
      ref={(element) => {
        if (element === null) return;
        const half = element.offsetWidth / 2;
        const x = Math.min(Math.max(tip.x, half + edgePx), window.innerWidth - half - edgePx);
        element.style.left = `${x - half}px`;
        element.style.top = `${tip.isAbove ? tip.y - element.offsetHeight : tip.y}px`;
      }}
      className="pointer-events-none fixed z-50 flex items-center gap-2 rounded-control border border-line-2 bg-popover px-2.5 py-1.5 text-small text-fg shadow-float"
    >
      {tip.text}
      {tip.keyHint === null ? null : <Kbd>{tip.keyHint}</Kbd>}
    </div>
  );
}

function place(anchor: Element): Tip | null {
  const text = anchor.getAttribute("data-tip");
  if (text === null || !anchor.isConnected) return null;
  const box = anchor.getBoundingClientRect();
  const isAbove = box.bottom + 48 > window.innerHeight;
  return {
    text,
    keyHint: anchor.getAttribute("data-tip-key"),
    x: box.left + box.width / 2,
    y: isAbove ? box.top - 6 : box.bottom + 6,
    isAbove,
  };
}
