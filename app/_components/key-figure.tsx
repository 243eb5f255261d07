import type { ReactNode } from "react";

/** Key figures side by side; on a narrow screen below each other. */
export function FigurePanel({ children }: { children: ReactNode }) {
  return (
    // Each figure draws the rule on its left and above it; the panel cuts the outermost ones off.
    <div className="overflow-hidden rounded-panel border border-line-2">
      <dl className="-mt-px -ml-px grid grid-cols-2 md:auto-cols-fr md:grid-flow-col md:grid-cols-none">
        {children}
      </dl>
    </div>
  );
}

type KeyFigureProps = { name: string; figure: ReactNode; unit: ReactNode };

export function KeyFigure({ name, figure, unit }: KeyFigureProps) {
  return (
    <div className="border-t border-l border-line px-4 py-3 last:odd:max-md:col-span-2 sm:px-5">
      <dt className="text-hint text-fg-2">{name}</dt>
      <dd className="number">
        <span className="text-figure">{figure}</span>
        {unit === null ? null : <span className="ml-1.5 text-hint text-fg-3">{unit}</span>}
      </dd>
    </div>
  );
}
