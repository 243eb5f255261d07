"use client";

import type { ReactNode } from "react";
import type { Choice } from "./menu";
import { MenuButton } from "./menu-button";

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

const load = () => import("./menu").then((module) => module.Menu);

/** A button with a menu of which one choice holds. */
export function ChoiceMenu({ trigger, triggerClassName, label, hasTip = true, ...menu }: ChoiceMenuProps) {
  return (
    <MenuButton
      label={label}
      className={triggerClassName}
      hasTip={hasTip}
      load={load}
      menu={(Menu, control) => <Menu {...menu} {...control} label={label} />}
    >
      {trigger}
    </MenuButton>
  );
}
