"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import type { MenuControl } from "./menu-button";
import { unlessOnAnchor } from "./unless-on-anchor";

type MenuPopupProps = MenuControl & {
  label: string;
  /** Which edge of the button it keeps to. */
  align?: "start" | "end";
  children: ReactNode;
};

/** The panel of a menu, beside the button that opens it. */
export function MenuPopup({ isOpen, onOpenChange, anchor, label, align = "end", children }: MenuPopupProps) {
  return (
    <BaseMenu.Root open={isOpen} onOpenChange={unlessOnAnchor(anchor, onOpenChange)}>
      {/* Inside the landmark or the panel of its button. */}
      <BaseMenu.Portal
        container={
          anchor.current?.closest<HTMLElement>('[role="dialog"], aside, main') ??
          anchor.current?.closest<HTMLElement>("header")
        }
      >
        <BaseMenu.Positioner anchor={anchor} align={align} sideOffset={4} className="z-50">
          <BaseMenu.Popup
            aria-label={label}
            finalFocus={anchor}
            className="max-h-(--available-height) min-w-40 overflow-y-auto overscroll-contain rounded-panel border border-line-2 bg-popover p-1 text-ui text-fg shadow-float transition duration-[120ms] outline-none data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
