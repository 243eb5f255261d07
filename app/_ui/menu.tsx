"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode, RefObject } from "react";

export type Choice = { value: string; label: string };

type MenuProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** The button that opens it; it stands outside, so that the menu can be loaded when it is first needed. */
  anchor: RefObject<HTMLButtonElement | null>;
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  check: ReactNode;
  /** Which edge of the button it keeps to. */
  align?: "start" | "end";
};

/** One choice of several behind a button. Loaded on demand: see `choice-menu.tsx` beside it. */
export function Menu(props: MenuProps) {
  const { isOpen, onOpenChange, anchor, label, choices, value, onChoose, check, align = "end" } = props;
  return (
    <BaseMenu.Root
      open={isOpen}
      onOpenChange={(next, details) => {
        // A press on the button is an outside press too; the button itself decides what it does.
        const target = details.event.target;
        if (!next && target instanceof Node && anchor.current?.contains(target) === true) return;
        onOpenChange(next);
      }}
    >
      {/* Inside the landmark of its button. */}
      <BaseMenu.Portal container={anchor.current?.closest<HTMLElement>("header, main")}>
        <BaseMenu.Positioner anchor={anchor} align={align} sideOffset={6} className="z-50">
          <BaseMenu.Popup
            aria-label={label}
            finalFocus={anchor}
            className="max-h-(--available-height) min-w-40 overflow-y-auto overscroll-contain rounded-panel border border-line-2 bg-popover p-1 text-ui text-fg shadow-float transition duration-[120ms] outline-none data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            <BaseMenu.RadioGroup value={value} onValueChange={onChoose}>
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
