import { Check, CircleAlert } from "lucide-react";

type FormMessageProps = { error: string | null; done?: string | null };

/** What came of a form, right where it was sent from. The place is always there, so that a change is read out. */
export function FormMessage({ error, done = null }: FormMessageProps) {
  return (
    <div aria-live="polite" className="empty:hidden">
      {error === null ? null : (
        <p className="flex items-start gap-2 rounded-control border border-bad px-3 py-2 text-hint">
          <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0 text-bad" />
          <span className="min-w-0">{error}</span>
        </p>
      )}
      {done === null || error !== null ? null : (
        <p className="flex items-center gap-2 text-hint text-fg-2">
          <Check size={16} aria-hidden="true" className="shrink-0 text-ok" />
          {done}
        </p>
      )}
    </div>
  );
}
