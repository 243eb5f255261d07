import type { ComponentProps } from "react";
import { cn } from "./cn";

type IconButtonProps = Omit<ComponentProps<"button">, "aria-label"> & {
  /** Its name for assistive technology and the text of its tooltip. */
  label: string;
  /** A key that does the same, shown in the tooltip. */
  keyHint?: string;
  isLarge?: boolean;
};

export function IconButton({
  label,
  keyHint,
  isLarge = false,
  className,
  type = "button",
  ...props
}: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      data-tip={label}
      data-tip-key={keyHint}
      className={cn(
        "inline-flex shrink-0 items-center justify-center rounded-control text-fg-2 transition-colors duration-[120ms]",
        "hover:bg-muted hover:text-fg aria-disabled:text-fg-3",
        isLarge ? "size-11" : "size-8",
        className,
      )}
      {...props}
    />
  );
}
