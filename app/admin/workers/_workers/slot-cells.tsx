import { cn } from "@/app/_ui/cn";

/** More than these would be a pattern, not a number of cells. */
const mostCells = 64;

/** One cell a slot, sixteen a row, filled where busy. The figures beside it say the same in numbers. */
export function SlotCells({ busy, slots }: { busy: number; slots: number }) {
  if (slots > mostCells) {
    const share = Math.min(1, busy / slots) * 100;
    return (
      <span aria-hidden="true" className="block h-2.5 w-[127px] rounded-[2px] border border-line-2">
        <span className="block h-full bg-fg-2" style={{ width: `${share}%` }} />
      </span>
    );
  }
  return (
    <span aria-hidden="true" className="grid w-max grid-cols-[repeat(16,7px)] gap-px">
      {Array.from({ length: slots }, (_, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: cells are places, and none moves.
          key={at}
          className={cn("h-2.5 rounded-[2px] border", at < busy ? "border-fg-2 bg-fg-2" : "border-line-2")}
        />
      ))}
    </span>
  );
}
