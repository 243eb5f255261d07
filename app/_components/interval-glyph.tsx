import { cn } from "@/app/_ui/cn";
import { positionOf, type ScoreDomain } from "./score-domain";

type IntervalGlyphProps = {
  value: number;
  lower: number;
  upper: number;
  domain: ScoreDomain;
  /** What it says in words. */
  label: string;
  /** Filled and blue: differs from the reference; hollow and grey: does not. */
  isFilled: boolean;
  /** Where the reference stands. */
  reference: number;
};

/** A value with its 95 % interval, to scale, against a reference line. Fills its box; what lies beyond the scale is cut. */
export function IntervalGlyph(props: IntervalGlyphProps) {
  const { value, lower, upper, domain, label, isFilled, reference } = props;
  const at = (point: number) => Math.min(100, Math.max(0, positionOf(point, domain)));
  return (
    <div role="img" aria-label={label} className="absolute inset-0">
      {domain.ticks.map((tick) => (
        <span
          key={tick}
          className={cn("absolute inset-y-0 w-px", tick === reference ? "bg-control" : "bg-line")}
          style={{ left: `${at(tick)}%` }}
        />
      ))}
      <span
        className={cn("absolute top-1/2 h-0.5 -translate-y-1/2", isFilled ? "bg-accent" : "bg-fg-3")}
        style={{ left: `${at(lower)}%`, width: `${at(upper) - at(lower)}%` }}
      />
      <span
        className={cn(
          "absolute top-1/2 box-border size-2.5 -translate-1/2 rounded-full border-[1.5px]",
          isFilled ? "border-bg bg-accent" : "border-fg-3 bg-bg",
        )}
        style={{ left: `${at(value)}%` }}
      />
    </div>
  );
}
