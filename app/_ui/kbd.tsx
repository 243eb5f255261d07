import type { ReactNode } from "react";
import { cn } from "./cn";

/** A key as it is printed on the keyboard. Decoration beside a control that has its own name. */
export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      className={cn(
        "inline-flex h-[18px] min-w-[18px] shrink-0 items-center justify-center rounded-badge border border-current/35 px-1",
        "font-mono text-key font-normal [font-feature-settings:'liga'_0]",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
