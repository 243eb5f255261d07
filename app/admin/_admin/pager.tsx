import { Button } from "@/app/_ui/button";

type PagerProps = {
  /** Where each page that was left behind began, the first page not among them. */
  befores: readonly string[];
  /** Where the next, older page begins; null: this is the last. */
  next: string | null;
  onChange: (befores: string[]) => void;
  words: { newer: string; older: string };
};

/** Steps through a list that is read newest first. */
export function Pager({ befores, next, onChange, words }: PagerProps) {
  return (
    <div className="mt-3 flex gap-2">
      {befores.length === 0 ? null : (
        <Button onClick={() => onChange(befores.slice(0, -1))}>{words.newer}</Button>
      )}
      {next === null ? null : <Button onClick={() => onChange([...befores, next])}>{words.older}</Button>}
    </div>
  );
}
