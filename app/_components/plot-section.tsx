import { type ReactNode, useId } from "react";
import { cn } from "@/app/_ui/cn";

type PlotSectionProps = { title: string; note?: ReactNode; className?: string; children: ReactNode };

/** A picture under its title, with a line that says how to read it. */
export function PlotSection({ title, note, className, children }: PlotSectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cn("min-w-0", className)}>
      <h2 id={id} className="text-h2">
        {title}
      </h2>
      {note === undefined ? null : <p className="mt-0.5 text-hint text-fg-3">{note}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}
