import type { ReactNode } from "react";

type PageMessageProps = { title: string; body: string; note?: string; children: ReactNode };

/** A page that has nothing but a message and one way on. */
export function PageMessage({ title, body, note, children }: PageMessageProps) {
  return (
    <main
      id="main"
      className="mx-auto flex w-full max-w-[1008px] flex-1 flex-col justify-center px-4 py-16 sm:px-6"
    >
      <h1 className="text-h1">{title}</h1>
      <p className="mt-2 max-w-[60ch] text-answer text-fg-2">{body}</p>
      {note === undefined ? null : <p className="mt-1 font-mono text-code text-fg-3">{note}</p>}
      <div className="mt-6 flex flex-wrap gap-2">{children}</div>
    </main>
  );
}
