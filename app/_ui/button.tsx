import type { ComponentProps } from "react";
import { cn } from "./cn";

export type ButtonVariant = "primary" | "default" | "quiet" | "destructive";
export type ButtonSize = "bar" | "normal" | "large";

const variants: Record<ButtonVariant, string> = {
  primary:
    "border-fg bg-fg text-bg hover:bg-fg-2 hover:border-fg-2 aria-disabled:border-line-2 aria-disabled:bg-surface aria-disabled:text-fg-3",
  default: "border-line-2 bg-bg text-fg hover:bg-muted aria-disabled:bg-surface aria-disabled:text-fg-3",
  quiet: "border-transparent text-fg-2 hover:bg-muted hover:text-fg aria-disabled:text-fg-3",
  destructive: "border-bad bg-bg text-bad hover:bg-muted",
};

const sizes: Record<ButtonSize, string> = {
  bar: "h-8 px-2.5 text-hint",
  normal: "h-9 px-3.5 text-ui",
  large: "h-12 px-4 text-ui",
};

/** The shape of a button, for links that act like one. */
export function buttonClass(variant: ButtonVariant = "default", size: ButtonSize = "normal"): string {
  return cn(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-control border font-medium whitespace-nowrap",
    "transition-colors duration-[120ms] select-none",
    variants[variant],
    sizes[size],
  );
}

type ButtonProps = ComponentProps<"button"> & { variant?: ButtonVariant; size?: ButtonSize };

export function Button({ variant, size, className, type = "button", ...props }: ButtonProps) {
  return <button type={type} className={cn(buttonClass(variant, size), className)} {...props} />;
}
