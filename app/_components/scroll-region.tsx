import type { ReactNode } from "react";
import { cn } from "@/app/_ui/cn";

type ScrollRegionProps = { label: string; className?: string; children: ReactNode };

/** Content that may be larger than its place, a table most of all. */
export function ScrollRegion({ label, className, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: not a set of fields; and a section would be a second landmark of the plot's name.
    <div
      role="group"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has focus can be scrolled by keyboard (WCAG 2.1.1).
      tabIndex={0}
      // Positioned, so that text for assistive technology alone is cut off with the rest.
      className={cn("relative max-w-full overflow-auto -outline-offset-2", className)}
    >
      {children}
    </div>
  );
}
