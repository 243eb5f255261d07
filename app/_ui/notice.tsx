import type { ReactNode } from "react";

type NoticeProps = { icon: ReactNode; children: ReactNode; action?: ReactNode };

/** A neutral line above the composer: a rate limit, being offline, waiting for a model. Its actions go below a text that would get narrow. */
export function Notice({ icon, children, action }: NoticeProps) {
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 rounded-panel border border-line-2 bg-surface px-3.5 py-2 text-hint text-fg">
      <span className="shrink-0 text-fg-2">{icon}</span>
      <p className="min-w-0 flex-[1_1_12rem]">{children}</p>
      {action === undefined ? null : <div className="ml-auto flex shrink-0 items-center gap-2">{action}</div>}
    </div>
  );
}
