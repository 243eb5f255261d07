import type { ReactNode } from "react";
import { cn } from "@/app/_ui/cn";

/** The quiet table of figures on the pages of a model and of two models: hairlines only, numbers right. */
export function DataTable({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    <table className="w-full border-collapse text-ui">
      <caption className="sr-only">{caption}</caption>
      {children}
    </table>
  );
}

type CellProps = { children?: ReactNode; isRight?: boolean; className?: string };

export function HeadCell({ children, isRight = false, className }: CellProps) {
  return (
    <th
      scope="col"
      className={cn(
        "h-9 border-b border-line-2 px-2 text-small font-normal whitespace-nowrap text-fg-3 first:pl-0 last:pr-0",
        isRight ? "text-right" : "text-left",
        className,
      )}
    >
      {children}
    </th>
  );
}

export function RowHead({ children, className }: CellProps) {
  return (
    <th
      scope="row"
      className={cn("h-[34px] border-b border-line px-2 text-left font-normal first:pl-0", className)}
    >
      {children}
    </th>
  );
}

export function Cell({ children, isRight = false, className }: CellProps) {
  return (
    <td
      className={cn(
        "h-[34px] border-b border-line px-2 whitespace-nowrap last:pr-0",
        isRight && "number text-right",
        className,
      )}
    >
      {children}
    </td>
  );
}
