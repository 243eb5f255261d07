"use client";

import { useSyncExternalStore } from "react";

const storageKey = "api-key";
const listeners = new Set<() => void>();

/** Kept for this tab only, and sent nowhere but to this site. */
export function useApiKey(): [string, (key: string) => void] {
  return [useSyncExternalStore(subscribe, read, () => ""), write];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): string {
  return sessionStorage.getItem(storageKey) ?? "";
}

function write(key: string): void {
  if (key === "") sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, key);
  for (const listener of listeners) listener();
}
