import type { ReactNode } from "react";

type PageHeadProps = { title: string; lead?: ReactNode; actions?: ReactNode };

export function PageHead({ title, lead, actions }: PageHeadProps) {
  return (
    <div className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-h1">{title}</h1>
        {lead === undefined ? null : <p className="mt-1 max-w-[80ch] text-ui text-fg-2">{lead}</p>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
