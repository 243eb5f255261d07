"use client";

import { type ReactNode, useRef, useState } from "react";
import type { Choice, Menu as MenuComponent } from "./menu";

type ChoiceMenuProps = {
  trigger: ReactNode;
  triggerClassName: string;
  /** Name of the button and of the menu. */
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  check: ReactNode;
  align?: "start" | "end";
  /** False where the button shows its name itself. */
  hasTip?: boolean;
};

/**
 * A button with a menu that is fetched when the visitor comes near it: the menu and its positioning are larger than the
 * rest of the top bar together, and most visits never open one.
 */
export function ChoiceMenu({ trigger, triggerClassName, label, hasTip = true, ...menu }: ChoiceMenuProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  // Once opened it stays mounted, so that closing is animated too.
  const [wasOpened, setWasOpened] = useState(false);

  const [Menu, setMenu] = useState<typeof MenuComponent | null>(null);

  // Not `lazy`: a menu that cannot be fetched, offline for instance, would take the whole page down with it.
  const load = () => {
    if (Menu !== null) return;
    import("./menu").then(
      (module) => setMenu(() => module.Menu),
      () => setIsOpen(false),
    );
  };
  const setOpen = (next: boolean) => {
    if (next) {
      setWasOpened(true);
      load();
    }
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
        data-tip={isOpen || !hasTip ? undefined : label}
        className={triggerClassName}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {trigger}
      </button>
      {wasOpened && Menu !== null ? (
        <Menu {...menu} label={label} anchor={anchor} isOpen={isOpen} onOpenChange={setOpen} />
      ) : null}
    </>
  );
}
