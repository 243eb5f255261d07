import { type ReactNode, useId } from "react";

type AccountSectionProps = { title: string; note?: string; children: ReactNode };

/** One matter of the account under its title. */
export function AccountSection({ title, note, children }: AccountSectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="text-h2">
        {title}
      </h2>
      {note === undefined ? null : <p className="mt-1 text-hint text-fg-2">{note}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}
