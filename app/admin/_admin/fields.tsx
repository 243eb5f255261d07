"use client";

import { ChevronDown } from "lucide-react";
import { useId } from "react";
import { cn } from "@/app/_ui/cn";
import { Field, type FieldFrame, fieldBoxClass } from "@/app/_ui/field";
import { TextField as PlainTextField } from "@/app/_ui/text-field";

type TextFieldProps = Omit<FieldFrame, "className"> & {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  inputMode?: "text" | "numeric" | "decimal" | "email";
  isRequired?: boolean;
};

/** A line of text that the page keeps; no browser offers what was typed elsewhere. */
export function TextField({ onChange, isRequired, ...field }: TextFieldProps) {
  return (
    <PlainTextField
      {...field}
      className="min-w-0"
      type="text"
      required={isRequired}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function AreaField({ value, onChange, rows = 4, ...frame }: TextFieldProps & { rows?: number }) {
  return (
    <Field {...frame} className="min-w-0">
      {(control) => (
        <textarea
          {...control}
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cn(fieldBoxClass, "block py-2")}
        />
      )}
    </Field>
  );
}

type SelectFieldProps = Omit<FieldFrame, "className"> & {
  value: string;
  onChange: (value: string) => void;
  choices: readonly { value: string; label: string }[];
};

/** The platform's own list: it works everywhere, also on a phone in a hurry. */
export function SelectField({ value, onChange, choices, ...frame }: SelectFieldProps) {
  return (
    <Field {...frame} className="min-w-0">
      {(control) => (
        <div className="relative">
          <select
            {...control}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={cn(fieldBoxClass, "h-9 appearance-none pr-8 max-sm:h-11")}
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
    </Field>
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
