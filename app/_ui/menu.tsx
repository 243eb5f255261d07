"use client";

import { Menu as BaseMenu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import type { MenuControl } from "./menu-button";
import { MenuPopup } from "./menu-popup";

export type Choice = { value: string; label: string };

type MenuProps = MenuControl & {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChoose: (value: string) => void;
  check: ReactNode;
  align?: "start" | "end";
};

/** One choice of several behind a button. Loaded on demand: see `choice-menu.tsx` beside it. */
export function Menu({ choices, value, onChoose, check, ...popup }: MenuProps) {
  return (
    <MenuPopup {...popup}>
      <BaseMenu.RadioGroup value={value} onValueChange={onChoose}>
        {choices.map((choice) => (
          <BaseMenu.RadioItem
            key={choice.value}
            value={choice.value}
            closeOnClick
            className="flex h-8 cursor-pointer items-center justify-between gap-6 rounded-control px-2.5 outline-none select-none data-highlighted:bg-muted"
          >
            {choice.label}
            <BaseMenu.RadioItemIndicator className="text-fg-2">{check}</BaseMenu.RadioItemIndicator>
          </BaseMenu.RadioItem>
        ))}
      </BaseMenu.RadioGroup>
    </MenuPopup>
  );
}
