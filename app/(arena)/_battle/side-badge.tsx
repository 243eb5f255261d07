import { cn } from "@/app/_ui/cn";
import type { Side } from "@/lib/protocol";
import { sideName } from "./sides";

/** A or B in a box; filled for the side that was voted better. The name stands beside it, so this is decoration. */
export function SideBadge({ side, isFilled = false }: { side: Side; isFilled?: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={cn(
        "flex size-5 shrink-0 items-center justify-center rounded-badge border font-mono text-key font-semibold",
        isFilled ? "border-fg bg-fg text-bg" : "border-current",
      )}
    >
      {sideName(side)}
    </span>
  );
}
