"use client";

import { useTranslations } from "next-intl";
import { useCallback, useEffect, useRef, useState } from "react";

const shownMs = 1600;

type Copying = {
  isCopied: boolean;
  /** What the button then says instead of its own word: that it has copied, or that the browser does not let it. */
  said: string | null;
  /** Never rejects. */
  copy: (text: string) => Promise<void>;
};

/** Copies a text; for a moment afterwards the button says how that went. */
export function useCopy(): Copying {
  const t = useTranslations("common");
  const [result, setResult] = useState<"copied" | "failed" | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = useCallback(async (text: string) => {
    const hasWorked = (await writeText(text)) || copySelected(text);
    setResult(hasWorked ? "copied" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setResult(null), shownMs);
  }, []);

  const said = result === null ? null : t(result === "copied" ? "copied" : "notCopied");
  return { isCopied: result === "copied", said, copy };
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
