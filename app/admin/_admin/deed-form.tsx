import type { ReactNode } from "react";
import type { ApiError } from "@/app/_data/api-error";
import { Button } from "@/app/_ui/button";
import { Failure } from "./failure";

type DeedFormProps = {
  deed: { isRunning: boolean; error: ApiError | null };
  /** What its button says. */
  action: string;
  onDo: () => void;
  children: ReactNode;
  /** The browser's own checks, for a form that has none of ours. */
  hasNativeChecks?: boolean;
};

/** Fields, why the last try failed, and the button; while one try runs there is no second. */
export function DeedForm({ deed, action, onDo, children, hasNativeChecks = false }: DeedFormProps) {
  return (
    <form
      noValidate={!hasNativeChecks}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!deed.isRunning) onDo();
      }}
    >
      {children}
      {deed.error === null ? null : <Failure error={deed.error} />}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" aria-disabled={deed.isRunning}>
          {action}
        </Button>
      </div>
    </form>
  );
}
