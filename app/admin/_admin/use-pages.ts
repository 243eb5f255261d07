"use client";

import { useState } from "react";

/** Where one is in a list that is read newest first, a page at a time. */
export type Pages = {
  /** Where the page in sight begins, as the query of its address; the newest page has none. */
  query: { before?: string };
  isNewest: boolean;
  toNewest: () => void;
  toNewer: () => void;
  /** `before`: where the older page begins. */
  toOlder: (before: string) => void;
};

export function usePages(): Pages {
  /** Where each page after the newest begins: the last is the one in sight. */
  const [befores, setBefores] = useState<readonly string[]>([]);
  const before = befores.at(-1);
  return {
    query: before === undefined ? {} : { before },
    isNewest: before === undefined,
    toNewest: () => setBefores([]),
    toNewer: () => setBefores((known) => known.slice(0, -1)),
    toOlder: (next) => setBefores((known) => [...known, next]),
  };
}
