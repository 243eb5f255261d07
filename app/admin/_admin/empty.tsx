import type { ReactNode } from "react";

/** What stands where a list of the console has nothing to show. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="rounded-panel border border-line-2 px-4 py-6 text-fg-2">{children}</p>;
}
