"use client";

import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import type { Choice } from "./menu";

const importMenu = () => import("./menu");
const Menu = lazy(() => importMenu().then((module) => ({ default: module.Menu })));

type ChoiceMenuProps = {
  trigger: ReactNode;
  triggerClassName: string;
  /** Name of the button and of the menu. */
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  check: ReactNode;
};

/**
 * A button with a menu that is fetched when the visitor comes near it: the menu and its positioning are larger than the
 * rest of the top bar together, and most visits never open one.
 */
export function ChoiceMenu({ trigger, triggerClassName, label, ...menu }: ChoiceMenuProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  // Once opened it stays mounted, so that closing is animated too.
  const [wasOpened, setWasOpened] = useState(false);

  const warmUp = () => void importMenu().catch(() => undefined);
  const setOpen = (next: boolean) => {
    if (next) setWasOpened(true);
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
        data-tip={isOpen ? undefined : label}
        className={triggerClassName}
        onPointerEnter={warmUp}
        onFocus={warmUp}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {trigger}
      </button>
      {wasOpened ? (
        <Suspense>
          <Menu {...menu} label={label} anchor={anchor} isOpen={isOpen} onOpenChange={setOpen} />
        </Suspense>
      ) : null}
    </>
  );
}
