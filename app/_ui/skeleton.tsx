import { cn } from "./cn";

const widths = ["w-2/5", "w-full", "w-11/12", "w-[96%]", "w-1/2"];

/** Lines in the shape of an answer. Appears only where a wait passes 300 ms: the delay is in the animation. */
export function Skeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex animate-wait flex-col gap-3 py-2">
      {widths.map((width) => (
        <span key={width} className={cn("h-3 rounded-badge bg-muted", width)} />
      ))}
    </div>
  );
}
