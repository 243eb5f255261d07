"use client";

import { type RefObject, useLayoutEffect } from "react";

/** A text field as high as its text, up to the height that its style allows. */
export function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height, though it is read from the element.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    const borders = element.offsetHeight - element.clientHeight;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + borders}px`;
    element.style.overflowY = element.scrollHeight > element.clientHeight + 1 ? "auto" : "hidden";
  }, [field, text]);
}
