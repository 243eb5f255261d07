"use client";

import { type ComponentType, useRef, useState } from "react";
import type { Menu, MenuProps } from "./menu";

type Arrival = Parameters<typeof Menu>[0]["arrival"];
type Loaded = { Component: ComponentType<Parameters<typeof Menu>[0]>; arrival: Arrival };

/**
 * A button that becomes a menu when the visitor comes near it: the menu and its positioning are larger than the rest of
 * the top bar together, and most visits never open one.
 */
export function ChoiceMenu(props: MenuProps) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  // A press may follow the hover or the focus while the menu is still on its way; the press wins.
  const arrival = useRef<Arrival>("hover");

  async function load(next: Arrival) {
    if (arrival.current !== "press") arrival.current = next;
    const { Menu: Component } = await import("./menu");
    setLoaded((earlier) => earlier ?? { Component, arrival: arrival.current });
  }

  if (loaded !== null) return <loaded.Component {...props} arrival={loaded.arrival} />;
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-label={props.label}
      data-tip={props.label}
      className={props.triggerClassName}
      onPointerEnter={(event) => {
        if (event.pointerType === "mouse") void load("hover");
      }}
      onFocus={() => void load("focus")}
      onClick={() => void load("press")}
    >
      {props.trigger}
    </button>
  );
}
