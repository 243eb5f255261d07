"use client";

import { type ReactNode, useId } from "react";

/** The box of a field, whatever is typed or chosen in it. */
export const fieldBoxClass =
  "w-full rounded-control border border-control bg-bg px-3 text-ui outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad max-sm:text-field";

export type FieldFrame = {
  label: string;
  /** Where what stands around it says its name already. */
  isLabelHidden?: boolean;
  /** How to fill it in; stays while something is wrong. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
  className?: string | undefined;
};

type FieldProps = FieldFrame & {
  /** Makes the control; what it gets ties it to its label, hint and fault. */
  children: (control: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
};

/** A control under its name, with its hint and its fault below. */
export function Field({ label, isLabelHidden = false, hint, error, className, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? null : `${id}-hint`, error === undefined ? null : `${id}-error`];
  const describedBy = described.filter((part) => part !== null).join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : "mb-1.5 block text-hint font-medium"}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": describedBy === "" ? undefined : describedBy,
        "aria-invalid": error !== undefined,
      })}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="mt-1.5 text-hint text-fg-3">
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p id={`${id}-error`} className="mt-1.5 text-hint text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
