import type { ReactNode } from "react";

type InlineErrorProps = { icon: ReactNode; title: string; children: ReactNode; actions?: ReactNode };

/** What happened, what was kept, what to do: where the thing failed, never a toast. */
export function InlineError({ icon, title, children, actions }: InlineErrorProps) {
  return (
    <section
      aria-label={title}
      className="rounded-panel border border-bad bg-bg px-4 pt-3.5 pb-4 text-ui text-fg-2"
    >
      <h2 className="flex items-center gap-2.5 font-semibold text-fg">
        <span className="text-bad">{icon}</span>
        {title}
      </h2>
      <p className="mt-1">{children}</p>
      {actions === undefined ? null : <div className="mt-3 flex flex-wrap items-center gap-2">{actions}</div>}
    </section>
  );
}
