"use client";

import { type RefObject, useEffect } from "react";

/**
 * Focuses an element that has just taken another's place in a dialog. A frame later, because the dialog takes the focus itself
 * when what had it goes.
 */
export function useFocusSoon(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const frame = requestAnimationFrame(() => element.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [element]);
}
