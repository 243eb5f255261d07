import type { ReactNode } from "react";

type NoticeProps = { icon: ReactNode; children: ReactNode; action?: ReactNode };

/** A neutral line above the composer: a rate limit, being offline, waiting for a model. */
export function Notice({ icon, children, action }: NoticeProps) {
  return (
    <div className="flex min-h-10 items-center gap-3 rounded-panel border border-line-2 bg-surface px-3.5 py-2 text-hint text-fg">
      <span className="shrink-0 text-fg-2">{icon}</span>
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  );
}
