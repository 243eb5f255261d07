"use client";

import { useSyncExternalStore } from "react";
import { createStorageListeners } from "./storage-listeners";

const storageKey = "single-keys";
const listeners = createStorageListeners();

export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(storageKey) !== "off";
  } catch {
    // A browser that forbids storage keeps the default.
    return true;
  }
}

export function setSingleKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, "off");
  } catch {
    return;
  }
  listeners.tell();
}

/** Whether single letters and digits act as shortcuts: the switch that WCAG 2.1.4 asks for, kept in this browser. */
export function useSingleKeys(): boolean {
  return useSyncExternalStore(listeners.subscribe, areSingleKeysOn, () => true);
}
