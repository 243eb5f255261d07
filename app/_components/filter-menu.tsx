"use client";

import { Check, ChevronDown } from "lucide-react";
import { ChoiceMenu } from "@/app/_ui/choice-menu";
import { cn } from "@/app/_ui/cn";
import type { Choice } from "@/app/_ui/menu";

type FilterMenuProps = {
  name: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  /** The name goes on a narrow screen, where the value says enough. */
  hasShortName?: boolean;
  className?: string;
};

/** A filter as a button that shows what is chosen: "Category Overall". */
export function FilterMenu({ name, choices, value, onChoose, hasShortName, className }: FilterMenuProps) {
  const chosen = choices.find((choice) => choice.value === value)?.label ?? value;
  return (
    <ChoiceMenu
      label={`${name} ${chosen}`}
      hasTip={false}
      align="start"
      choices={choices}
      value={value}
      onChoose={onChoose}
      check={<Check size={16} />}
      triggerClassName={cn(
        "inline-flex h-9 max-w-full min-w-0 shrink-0 items-center gap-1.5 rounded-control border border-line-2 bg-bg pr-2 pl-3 text-hint whitespace-nowrap transition-colors duration-[120ms] hover:bg-muted aria-expanded:bg-muted max-sm:h-11",
        className,
      )}
      trigger={
        <>
          <span className={cn("text-fg-2", hasShortName && "max-sm:hidden")}>{name}</span>
          <span className="min-w-0 truncate font-medium">{chosen}</span>
          <ChevronDown size={14} aria-hidden="true" className="ml-auto shrink-0 text-fg-3" />
        </>
      }
    />
  );
}
