import { type ClassValue, clsx } from "clsx";

/** Joins class names. Components are written so that no two classes compete, so nothing has to be merged. */
export function cn(...values: ClassValue[]): string {
  return clsx(values);
}
