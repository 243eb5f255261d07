"use client";

import type { ReactNode } from "react";
import type { Action } from "./action-menu";
import { MenuButton } from "./menu-button";

type ActionMenuButtonProps = {
  children: ReactNode;
  className: string;
  /** Name of the button and of the menu. */
  label: string;
  hasTooltip?: boolean;
  actions: readonly Action[];
};

const load = () => import("./action-menu").then((module) => module.ActionMenu);

/** A button with a menu of actions. */
export function ActionMenuButton(props: ActionMenuButtonProps) {
  const { children, className, label, hasTooltip = false, actions } = props;
  return (
    <MenuButton
      label={label}
      className={className}
      hasTip={hasTooltip}
      load={load}
      menu={(Menu, control) => <Menu {...control} label={label} actions={actions} />}
    >
      {children}
    </MenuButton>
  );
}
