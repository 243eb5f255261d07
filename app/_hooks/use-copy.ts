"use client";

import { useCallback, useEffect, useRef, useState } from "react";

const shownMs = 1600;

type Copying = {
  isCopied: boolean;
  /** The browser does not let the page copy. */
  hasFailed: boolean;
  /** Never rejects. */
  copy: (text: string) => Promise<void>;
};

/** Copies a text; for a moment afterwards `isCopied` or `hasFailed` is true, so that the button can say so. */
export function useCopy(): Copying {
  const [result, setResult] = useState<"copied" | "failed" | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = useCallback(async (text: string) => {
    const hasWorked = (await writeText(text)) || copySelected(text);
    setResult(hasWorked ? "copied" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setResult(null), shownMs);
  }, []);

  return { isCopied: result === "copied", hasFailed: result === "failed", copy };
}

/** False where the browser refuses, for want of a permission or of focus, or has no such interface: it is there on https only. */
async function writeText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard?.writeText(text);
    return navigator.clipboard !== undefined;
  } catch {
    return false;
  }
}

/** The old way, which a site on a plain LAN address has to take. */
function copySelected(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const hasWorked = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return hasWorked;
}
