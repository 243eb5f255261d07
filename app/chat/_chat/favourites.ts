"use client";

import { useSyncExternalStore } from "react";
import { createStorageListeners } from "@/app/_hooks/storage-listeners";

const storageKey = "favourite-models";
const none: readonly string[] = [];
const listeners = createStorageListeners();
/** What the names were read from, so that the same text gives the same list. */
let cached: { text: string | null; names: readonly string[] } = { text: null, names: none };

/** Names of the favourite models, kept in this browser. */
export function readFavourites(): readonly string[] {
  try {
    const text = localStorage.getItem(storageKey);
    if (text !== cached.text) cached = { text, names: parse(text) };
  } catch {
    // A browser that forbids storage has favourites for the life of the page.
  }
  return cached.names;
}

export function toggleFavourite(name: string): void {
  const names = readFavourites();
  const next = names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
  const text = JSON.stringify(next);
  cached = { text, names: next };
  try {
    localStorage.setItem(storageKey, text);
  } catch {
    // As above.
  }
  listeners.tell();
}

export function useFavourites(): readonly string[] {
  return useSyncExternalStore(listeners.subscribe, readFavourites, () => none);
}

function parse(text: string | null): readonly string[] {
  if (text === null) return none;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((name) => typeof name === "string") : none;
  } catch {
    return none;
  }
}
