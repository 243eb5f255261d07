"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import { cn } from "@/app/_ui/cn";
import type { Sorting, SortKey } from "./sort-rows";

type SortHeadProps = {
  label: string;
  sortKey: SortKey;
  sorting: Sorting;
  onSort: (key: SortKey) => void;
  isRight?: boolean;
  className?: string;
};

/** A head that sorts; the arrow stands only on the sorted one. */
export function SortHead({ label, sortKey, sorting, onSort, isRight = false, className }: SortHeadProps) {
  const isSorted = sorting.key === sortKey;
  const Arrow = sorting.isDescending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sorting.isDescending ? "descending" : "ascending") : undefined}
      className={cn("px-1 font-normal", className)}
    >
      <button
        type="button"
        onClick={() => onSort(sortKey)}
        className={cn(
          "flex h-7 w-full items-center gap-1 rounded-badge px-2 text-small whitespace-nowrap -outline-offset-2 hover:text-fg",
          isRight && "justify-end",
          isSorted ? "text-fg-2" : "text-fg-3",
        )}
      >
        {isSorted && isRight ? <Arrow size={12} aria-hidden="true" /> : null}
        {label}
        {isSorted && !isRight ? <Arrow size={12} aria-hidden="true" /> : null}
      </button>
    </th>
  );
}
