"use client";

import { ChevronDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "@/app/_ui/cn";

const boxClass =
  "w-full rounded-control border border-control bg-bg px-2.5 text-ui outline-accent focus:border-accent focus:outline-1 focus:outline-offset-0 aria-invalid:border-bad max-sm:text-field";

type Shared = {
  label: string;
  isLabelHidden?: boolean;
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
};

type FrameProps = Shared & {
  id: string;
  children: (described: { "aria-describedby": string | undefined; "aria-invalid": boolean }) => ReactNode;
};

/** Label above, hint and fault below. */
function Frame({ id, label, isLabelHidden = false, hint, error, children }: FrameProps) {
  const described = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`]
    .filter((part) => part !== "")
    .join(" ");
  return (
    <div className="min-w-0">
      <label
        htmlFor={id}
        className={isLabelHidden ? "sr-only" : "mb-1 block text-hint font-medium text-fg-2"}
      >
        {label}
      </label>
      {children({
        "aria-describedby": described === "" ? undefined : described,
        "aria-invalid": error !== undefined,
      })}
      {error === undefined ? null : (
        <p id={`${id}-error`} className="mt-1 text-hint text-bad">
          {error}
        </p>
      )}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="mt-1 text-hint text-fg-3">
          {hint}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = Shared & {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  inputMode?: "text" | "numeric" | "decimal" | "email";
  isRequired?: boolean;
};

export function TextField({
  value,
  onChange,
  placeholder,
  inputMode,
  isRequired,
  ...shared
}: TextFieldProps) {
  const id = useId();
  return (
    <Frame id={id} {...shared}>
      {(described) => (
        <input
          id={id}
          type="text"
          inputMode={inputMode}
          required={isRequired}
          value={value}
          placeholder={placeholder}
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          className={cn(boxClass, "h-9 max-sm:h-11", inputMode === "numeric" && "number")}
          {...described}
        />
      )}
    </Frame>
  );
}

export function AreaField({ value, onChange, rows = 4, ...shared }: TextFieldProps & { rows?: number }) {
  const id = useId();
  return (
    <Frame id={id} {...shared}>
      {(described) => (
        <textarea
          id={id}
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cn(boxClass, "block py-2")}
          {...described}
        />
      )}
    </Frame>
  );
}

type SelectFieldProps = Shared & {
  value: string;
  onChange: (value: string) => void;
  choices: readonly { value: string; label: string }[];
};

/** The platform's own list: it works everywhere, also on a phone in a hurry. */
export function SelectField({ value, onChange, choices, ...shared }: SelectFieldProps) {
  const id = useId();
  return (
    <Frame id={id} {...shared}>
      {(described) => (
        <div className="relative">
          <select
            id={id}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cn(boxClass, "h-9 appearance-none pr-8 max-sm:h-11")}
            {...described}
          >
            {choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
          <ChevronDown
            size={14}
            aria-hidden="true"
            className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-fg-3"
          />
        </div>
      )}
    </Frame>
  );
}

type CheckFieldProps = {
  label: string;
  hint?: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
};

export function CheckField({ label, hint, isChecked, onChange }: CheckFieldProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent max-sm:size-5"
      />
      <div>
        <label htmlFor={id} className="text-ui">
          {label}
        </label>
        {hint === undefined ? null : (
          <p id={`${id}-hint`} className="text-hint text-fg-3">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
