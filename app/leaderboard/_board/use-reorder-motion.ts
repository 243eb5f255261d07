"use client";

import { type RefObject, useLayoutEffect, useRef } from "react";

const durationMs = 240;

/** Rows (`data-row`) glide to their new places instead of jumping, so that a reader can follow what a refit has moved. */
export function useReorderMotion(container: RefObject<HTMLElement | null>, order: string): void {
  const tops = useRef(new Map<string, number>());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the order is what moves the rows, though it is read from the page.
  useLayoutEffect(() => {
    const root = container.current;
    if (root === null) return;
    const origin = root.getBoundingClientRect().top;
    const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const next = new Map<string, number>();
    for (const row of root.querySelectorAll<HTMLElement>("[data-row]")) {
      const box = row.getBoundingClientRect();
      // Hidden: the list of the other width.
      if (box.height === 0) continue;
      const name = row.dataset.row ?? "";
      const top = box.top - origin;
      const before = tops.current.get(name);
      next.set(name, top);
      if (isCalm || before === undefined || Math.abs(before - top) < 1) continue;
      row.animate([{ transform: `translateY(${before - top}px)` }, { transform: "none" }], {
        duration: durationMs,
        easing: "cubic-bezier(.2, 0, 0, 1)",
      });
    }
    tops.current = next;
  }, [container, order]);
}
