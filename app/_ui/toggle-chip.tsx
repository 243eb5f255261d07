import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

type ToggleChipProps = { isOn: boolean; onToggle: (isOn: boolean) => void; children: ReactNode };

/** On or off; a check says which, not the colour alone. */
export function ToggleChip({ isOn, onToggle, children }: ToggleChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => onToggle(!isOn)}
      className={cn(
        "inline-flex h-9 shrink-0 items-center gap-1.5 rounded-control border px-3 text-hint whitespace-nowrap transition-colors duration-[120ms] max-sm:h-11",
        isOn ? "border-accent bg-accent-soft text-fg" : "border-line-2 text-fg-2 hover:bg-muted",
      )}
    >
      {isOn ? <Check size={14} aria-hidden="true" className="text-accent" /> : null}
      {children}
    </button>
  );
}
