"use client";

import { useEffect, useRef } from "react";
import { areSingleKeysOn } from "./single-keys";

export type KeyHandlers = Partial<Record<string, (event: KeyboardEvent) => void>>;

/** True where a letter is text and not a command. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

/** True while an input method composes; 229 is what some of them report instead (UI Events, 5.2.9). */
export function isComposing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}

/**
 * Shortcuts of one page by `event.key` (letters in lower case). Single characters work only outside text fields, without a
 * modifier, while no dialog is open and while they are switched on; Escape works everywhere.
 */
export function useKeys(handlers: KeyHandlers): void {
  useKeyPresses(handlers, plainKey);
}

/** Shortcuts with Ctrl (⌘ on a Mac) by lower-case `event.key`, with `shift+` before it; they work in text fields too. */
export function useCommandKeys(handlers: KeyHandlers): void {
  useKeyPresses(handlers, commandKey);
}

/** Calls the handler that `nameOf` names for a first press that nobody else has taken; null: none. */
function useKeyPresses(handlers: KeyHandlers, nameOf: (event: KeyboardEvent) => string | null): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || isComposing(event) || event.repeat || event.altKey) return;
      const name = nameOf(event);
      if (name !== null) latest.current[name]?.(event);
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [nameOf]);
}

function plainKey(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey) return null;
  if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return null;
  if (event.key.length > 1) return event.key;
  return isTextField(event.target) || !areSingleKeysOn() ? null : event.key.toLowerCase();
}

function commandKey(event: KeyboardEvent): string | null {
  if (!event.ctrlKey && !event.metaKey) return null;
  return `${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
}
