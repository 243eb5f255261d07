"use client";

import { useId } from "react";
import { cn } from "./cn";
import type { Choice } from "./menu";

type SegmentedProps = {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  /** In a head beside a title: low, as wide as its words, its name for assistive technology only. */
  isCompact?: boolean;
};

/** One of a few, all in view. Radio buttons underneath, so the arrow keys work by themselves. */
export function Segmented({ label, choices, value, onChoose, isCompact = false }: SegmentedProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className={isCompact ? "sr-only" : "mb-1.5 text-small text-fg-3"}>{label}</legend>
      <div className="flex overflow-hidden rounded-control border border-line-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cn(
              "flex flex-1 cursor-pointer items-center justify-center border-l border-line-2 whitespace-nowrap first:border-l-0",
              isCompact ? "h-9 px-3 text-hint max-sm:h-11" : "h-11 px-2 text-ui",
              "has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent",
              choice.value === value ? "bg-fg font-medium text-bg" : "text-fg-2",
            )}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChoose(choice.value)}
              className="sr-only"
            />
            {choice.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
