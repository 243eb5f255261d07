"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { Field, type FieldFrame, fieldBoxClass } from "./field";

type TextFieldProps = Omit<ComponentProps<"input">, "id" | "className"> & FieldFrame;

/** One line of text under its name. */
export function TextField({ label, isLabelHidden, hint, error, className, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, isLabelHidden, hint, error, className }}>
      {(control) => (
        <input
          {...input}
          {...control}
          className={cn(fieldBoxClass, "block h-9 max-sm:h-11", input.inputMode === "numeric" && "number")}
        />
      )}
    </Field>
  );
}
