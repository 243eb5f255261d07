import type { ReactNode } from "react";
import { ScrollRegion } from "@/app/_components/scroll-region";
import { cn } from "@/app/_ui/cn";

type ConsoleTableProps = { caption: string; head: ReactNode; children: ReactNode; minWidth?: string };

/** A framed table of the console; what does not fit is scrolled sideways, never squeezed. */
export function ConsoleTable({ caption, head, children, minWidth = "min-w-[720px]" }: ConsoleTableProps) {
  return (
    <ScrollRegion label={caption} className="rounded-panel border border-line-2">
      <table className={cn("w-full border-collapse text-ui", minWidth)}>
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody className="[&>tr:last-child>*]:border-b-0">{children}</tbody>
      </table>
    </ScrollRegion>
  );
}

type CellProps = { children?: ReactNode; isRight?: boolean; className?: string };

export function Head({ children, isRight = false, className }: CellProps) {
  return (
    <th
      scope="col"
      className={cn(
        "h-9 border-b border-line px-3 text-small font-normal whitespace-nowrap text-fg-3 first:pl-4 last:pr-4",
        isRight ? "text-right" : "text-left",
        className,
      )}
    >
      {children}
    </th>
  );
}

export function Td({ children, isRight = false, className }: CellProps) {
  return (
    <td
      className={cn(
        "h-11 border-b border-line px-3 py-1.5 first:pl-4 last:pr-4",
        isRight && "number text-right whitespace-nowrap",
        className,
      )}
    >
      {children}
    </td>
  );
}

/** Keeps a cell in sight at the right of a narrow screen, with a line before it, while the others are scrolled. */
const keptInSight =
  "max-md:sticky max-md:right-0 max-md:bg-bg max-md:before:absolute max-md:before:inset-y-0 max-md:before:left-0 max-md:before:w-px max-md:before:bg-line";

/** Over the cells with what can be done: named for those who hear the table. */
export function ActionsHead({ children }: { children: ReactNode }) {
  return (
    <th scope="col" className={cn("h-9 border-b border-line px-3 last:pr-4", keptInSight)}>
      <span className="sr-only">{children}</span>
    </th>
  );
}

/**
 * What can be done with the row. On a narrow screen it stays in sight, its buttons one below the other: in an emergency nobody
 * looks for them beside the screen.
 */
export function Actions({ children }: { children?: ReactNode }) {
  return (
    <td
      className={cn("border-b border-line px-3 py-1.5 last:pr-4 max-md:px-1 max-md:last:pr-1", keptInSight)}
    >
      <div className="flex justify-end whitespace-nowrap max-md:flex-col max-md:items-end">{children}</div>
    </td>
  );
}

/** Says what the row is about. */
export function RowName({ children, className }: CellProps) {
  return (
    <th
      scope="row"
      className={cn("h-11 border-b border-line px-3 py-1.5 text-left font-medium first:pl-4", className)}
    >
      {children}
    </th>
  );
}
