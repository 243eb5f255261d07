import type { Messages } from "@/lib/i18n";

/** A top-level name of the messages: the words of one part of the site. */
export type WordGroup = keyof Messages;

/** Only the named groups of `messages`. */
export function pickWords(messages: Messages, groups: readonly WordGroup[]): Partial<Messages> {
  return Object.fromEntries(groups.map((group) => [group, messages[group]]));
}
