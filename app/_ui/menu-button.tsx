"use client";

import { type ComponentType, type ReactNode, type RefObject, useRef, useState } from "react";

/** What a menu gets of the button that opens it. */
export type MenuControl = {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** The button; it stands outside of the menu, so that the menu can be loaded when it is first needed. */
  anchor: RefObject<HTMLButtonElement | null>;
};

type MenuButtonProps<MenuProps> = {
  children: ReactNode;
  className: string;
  /** Name of the button. */
  label: string;
  /** Whether the name stands in a tooltip: not where the button shows its name itself. */
  hasTip: boolean;
  kind?: "menu" | "dialog";
  /** Called when the visitor comes near; once it has settled the menu is kept. */
  load: () => Promise<ComponentType<MenuProps>>;
  menu: (Menu: ComponentType<MenuProps>, control: MenuControl) => ReactNode;
};

/**
 * A button with a menu that is fetched when the visitor comes near it: a menu and its positioning are larger than the
 * rest of the top bar together, and most visits never open one.
 */
export function MenuButton<MenuProps>(props: MenuButtonProps<MenuProps>) {
  const { children, className, label, hasTip, kind = "menu", load, menu } = props;
  const anchor = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  // Once opened it stays mounted, so that closing is animated too.
  const [wasOpened, setWasOpened] = useState(false);
  const [Menu, setMenu] = useState<ComponentType<MenuProps> | null>(null);

  // Not `lazy`: a menu that cannot be fetched, offline for instance, would take the whole page down with it.
  const fetchMenu = () => {
    if (Menu !== null) return;
    load().then(
      (loaded) => setMenu(() => loaded),
      () => setIsOpen(false),
    );
  };
  const setOpen = (next: boolean) => {
    if (next) {
      setWasOpened(true);
      fetchMenu();
    }
    setIsOpen(next);
  };

  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-haspopup={kind}
        aria-expanded={isOpen}
        aria-label={label}
        data-tip={isOpen || !hasTip ? undefined : label}
        className={className}
        onPointerEnter={fetchMenu}
        onFocus={fetchMenu}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (kind !== "menu" || event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {wasOpened && Menu !== null ? menu(Menu, { isOpen, onOpenChange: setOpen, anchor }) : null}
    </>
  );
}
