"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import { type ReactNode, useEffect, useRef } from "react";

export type Choice = { value: string; label: string };

export type MenuProps = {
  trigger: ReactNode;
  triggerClassName: string;
  /** Name of the trigger and of the group. */
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  check: ReactNode;
};

type OpenMenuProps = MenuProps & {
  /** How the visitor got here: pressed (open at once) or only came near with the focus (keep it). */
  arrival: "press" | "focus" | "hover";
};

/** One choice of several behind a button. Loaded on demand: see `choice-menu.tsx` beside it. */
export function Menu({
  arrival,
  trigger,
  triggerClassName,
  label,
  choices,
  value,
  onChoose,
  check,
}: OpenMenuProps) {
  const triggerRef = useRef<HTMLButtonElement>(null);
  // This button takes the place of the plain one, and with it the focus that the plain one had.
  useEffect(() => {
    if (arrival === "focus") triggerRef.current?.focus();
  }, [arrival]);

  return (
    <BaseMenu.Root defaultOpen={arrival === "press"} modal={false}>
      <BaseMenu.Trigger ref={triggerRef} aria-label={label} data-tip={label} className={triggerClassName}>
        {trigger}
      </BaseMenu.Trigger>
      <BaseMenu.Portal>
        <BaseMenu.Positioner align="end" sideOffset={6} className="z-50">
          <BaseMenu.Popup className="min-w-40 rounded-panel border border-line-2 bg-popover p-1 text-ui text-fg shadow-float transition duration-[120ms] outline-none data-ending-style:opacity-0 data-starting-style:opacity-0">
            <BaseMenu.RadioGroup value={value} onValueChange={onChoose} aria-label={label}>
              {choices.map((choice) => (
                <BaseMenu.RadioItem
                  key={choice.value}
                  value={choice.value}
                  closeOnClick
                  className="flex h-8 cursor-pointer items-center justify-between gap-6 rounded-control px-2.5 outline-none select-none data-highlighted:bg-muted"
                >
                  {choice.label}
                  <BaseMenu.RadioItemIndicator className="text-fg-2">{check}</BaseMenu.RadioItemIndicator>
                </BaseMenu.RadioItem>
              ))}
            </BaseMenu.RadioGroup>
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
