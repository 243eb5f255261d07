"use client";

import { Popover } from "@base-ui/react/popover";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { cn } from "./cn";
import type { MenuControl } from "./menu-button";
import { unlessOnAnchor } from "./unless-on-anchor";

type AnchoredPopoverProps = MenuControl & {
  label: string;
  /** Its size. */
  className: string;
  /** Gets the focus when it opens. */
  initialFocus: RefObject<HTMLElement | null>;
  popup?: RefObject<HTMLDivElement | null>;
  onKeyDown?: (event: KeyboardEvent) => void;
  /** Called when it is out of sight again. */
  onClosed: () => void;
  children: ReactNode;
};

/** A panel beside the button that opens it, for more than a menu. */
export function AnchoredPopover(props: AnchoredPopoverProps) {
  const {
    isOpen,
    onOpenChange,
    anchor,
    label,
    className,
    initialFocus,
    popup,
    onKeyDown,
    onClosed,
    children,
  } = props;
  return (
    <Popover.Root
      open={isOpen}
      onOpenChange={unlessOnAnchor(anchor, onOpenChange)}
      onOpenChangeComplete={(next) => {
        if (!next) onClosed();
      }}
    >
      <Popover.Portal container={anchor.current?.closest("main")}>
        <Popover.Positioner
          anchor={anchor}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-40"
        >
          <Popover.Popup
            ref={popup}
            aria-label={label}
            initialFocus={initialFocus}
            finalFocus={anchor}
            onKeyDown={onKeyDown}
            className={cn(
              "flex flex-col rounded-panel border border-line-2 bg-popover text-ui text-fg shadow-float transition duration-[120ms] outline-none data-ending-style:opacity-0 data-starting-style:opacity-0",
              className,
            )}
          >
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
