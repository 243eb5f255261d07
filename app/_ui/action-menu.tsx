"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import { cn } from "./cn";
import type { MenuControl } from "./menu-button";
import { MenuPopup } from "./menu-popup";

export type Action = {
  name: string;
  label: string;
  icon: ReactNode;
  isDestructive?: boolean;
  onChoose: () => void;
};

type ActionMenuProps = MenuControl & { label: string; actions: readonly Action[] };

/** Things to do behind a button. Loaded on demand: see `action-menu-button.tsx` beside it. */
export function ActionMenu({ actions, ...popup }: ActionMenuProps) {
  return (
    <MenuPopup {...popup}>
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
    </MenuPopup>
  );
}
