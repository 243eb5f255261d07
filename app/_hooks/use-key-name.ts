"use client";

import { useSyncExternalStore } from "react";

const unchanging = () => () => undefined;
const isMac = () => /mac|iphone|ipad/i.test(navigator.platform);

/** Keys as they are printed on this visitor's keyboard: `Ctrl K` is `⌘ K` on a Mac. */
export function useKeyName(): (keys: string) => string {
  const isApple = useSyncExternalStore(unchanging, isMac, () => false);
  return (keys) => (isApple ? keys.replace("Ctrl", "⌘") : keys);
}
