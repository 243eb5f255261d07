import type { ReactNode } from "react";
import { cn } from "./cn";

/** A short word about the thing beside it. Not interactive, no fill. */
export function Badge({ children, tone = "neutral" }: { children: ReactNode; tone?: "neutral" | "accent" }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 shrink-0 items-center rounded-badge border px-1.5 text-small font-normal",
        tone === "accent" ? "border-accent text-accent" : "border-line-2 text-fg-2",
      )}
    >
      {children}
    </span>
  );
}
