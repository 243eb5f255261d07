import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

type ChipProps = { isOn: boolean; onPress: () => void; children: ReactNode };

/** One of several that can be on at once; a check says that it is, not the colour alone. */
export function Chip({ isOn, onPress, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onPress}
      className={cn(
        "flex h-7 items-center gap-1.5 rounded-control border px-2.5 text-hint transition-colors duration-[120ms] max-sm:h-9",
        isOn ? "border-accent bg-accent-soft text-accent" : "border-line-2 text-fg-2 hover:bg-muted",
      )}
    >
      {isOn ? <Check size={14} aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
