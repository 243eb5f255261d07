"use client";

import { useId } from "react";
import { cn } from "./cn";
import type { Choice } from "./menu";

type SegmentedProps = {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
};

/** One of a few, all in view. Radio buttons underneath, so the arrow keys work by themselves. */
export function Segmented({ label, choices, value, onChoose }: SegmentedProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-small text-fg-3">{label}</legend>
      <div className="flex overflow-hidden rounded-control border border-line-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cn(
              "flex h-11 flex-1 cursor-pointer items-center justify-center border-l border-line-2 px-2 text-ui whitespace-nowrap first:border-l-0",
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
