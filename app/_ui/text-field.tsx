"use client";

import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn";

type TextFieldProps = Omit<ComponentProps<"input">, "id" | "className"> & {
  label: string;
  /** How to fill it in; stays while something is wrong. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
  className?: string;
};

/** One line of text under its name. */
export function TextField({ label, hint, error, className, ...input }: TextFieldProps) {
  const id = useId();
  const described = [hint === undefined ? null : `${id}-hint`, error === undefined ? null : `${id}-error`];
  const describedBy = described.filter((part) => part !== null).join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className="text-hint font-medium">
        {label}
      </label>
      <input
        {...input}
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy === "" ? undefined : describedBy}
        className={cn(
          "mt-1.5 block h-9 w-full rounded-control border border-control bg-bg px-3 text-ui outline-accent max-sm:h-11 max-sm:text-field",
          "focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad",
        )}
      />
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
