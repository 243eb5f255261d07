"use client";

import { type ReactNode, useRef, useState } from "react";
import type { Action, ActionMenu as ActionMenuComponent } from "./action-menu";

type ActionMenuButtonProps = {
  children: ReactNode;
  className: string;
  /** Name of the button and of the menu. */
  label: string;
  hasTooltip?: boolean;
  actions: readonly Action[];
};

/** A button with a menu of actions, which is fetched when the visitor comes near it. */
export function ActionMenuButton(props: ActionMenuButtonProps) {
  const { children, className, label, hasTooltip = false, actions } = props;
  const anchor = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [Menu, setMenu] = useState<typeof ActionMenuComponent | null>(null);

  // Not `lazy`: a menu that cannot be fetched, offline for instance, would take the whole page down with it.
  const load = () => {
    if (Menu !== null) return;
    import("./action-menu").then(
      (module) => setMenu(() => module.ActionMenu),
      () => setIsOpen(false),
    );
  };
  const setOpen = (next: boolean) => {
    if (next) load();
    setIsOpen(next);
  };

  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        data-tip={isOpen || !hasTooltip ? undefined : label}
        className={className}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {Menu === null ? null : (
        <Menu label={label} actions={actions} anchor={anchor} isOpen={isOpen} onOpenChange={setOpen} />
      )}
    </>
  );
}
