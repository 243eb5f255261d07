import type { ReactNode } from "react";

type AuthPageProps = { title: string; lead?: string; children: ReactNode };

/** A narrow page with one form. */
export function AuthPage({ title, lead, children }: AuthPageProps) {
  return (
    <main id="main" className="mx-auto w-full max-w-[408px] flex-1 px-4 pt-10 pb-16 sm:px-6 sm:pt-20">
      <h1 className="text-h1">{title}</h1>
      {lead === undefined ? null : <p className="mt-1 text-fg-2">{lead}</p>}
      {children}
    </main>
  );
}
