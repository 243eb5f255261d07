"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode, RefObject } from "react";
import { cn } from "./cn";

export type Action = {
  name: string;
  label: string;
  icon: ReactNode;
  isDestructive?: boolean;
  onChoose: () => void;
};

type ActionMenuProps = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** The button that opens it; it stands outside, so that the menu can be loaded when it is first needed. */
  anchor: RefObject<HTMLButtonElement | null>;
  label: string;
  actions: readonly Action[];
};

/** Things to do behind a button. Loaded on demand: see `action-menu-button.tsx` beside it. */
export function ActionMenu({ isOpen, onOpenChange, anchor, label, actions }: ActionMenuProps) {
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
      {/* Inside the landmark or the panel of its button. */}
      <BaseMenu.Portal
        container={
          anchor.current?.closest<HTMLElement>('[role="dialog"], aside, main') ??
          anchor.current?.closest<HTMLElement>("header")
        }
      >
        <BaseMenu.Positioner anchor={anchor} align="end" sideOffset={4} className="z-50">
          <BaseMenu.Popup
            aria-label={label}
            finalFocus={anchor}
            className="min-w-40 rounded-panel border border-line-2 bg-popover p-1 text-ui text-fg shadow-float transition duration-[120ms] outline-none data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {actions.map((action) => (
              <BaseMenu.Item
                key={action.name}
                onClick={action.onChoose}
                className={cn(
                  "flex h-8 cursor-pointer items-center gap-2.5 rounded-control px-2.5 outline-none select-none data-highlighted:bg-muted max-sm:h-11",
                  action.isDestructive === true ? "text-bad" : "text-fg",
                )}
              >
                {action.icon}
                {action.label}
              </BaseMenu.Item>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
