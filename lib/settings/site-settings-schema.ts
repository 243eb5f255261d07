import { z } from "zod";

/**
 * What an operator changes while the site runs, by section; a section is changed as a whole. Every field has a default, so
 * that a stored section of an older version stays valid. What must be known before the database is there, or differs
 * between servers, is in the environment instead (lib/env).
 */
export const settingsSections = {
  /** How fast an answer of a battle is shown, so that speed does not give a model away. */
  pacing: z.strictObject({
    /** Characters a second for both sides; null: as they come. */
    charsPerSecond: z.number().int().min(20).max(2_000).nullable().default(null),
  }),
  /** Battles and chats that their visitors publish at an address of their own. */
  sharing: z.strictObject({
    /** False: nothing new is published; what is stays. */
    isOpen: z.boolean().default(true),
    /** True: search engines may list shared pages. */
    isIndexed: z.boolean().default(false),
    /** True: published battles are shown on the pages of their models. */
    showsSamples: z.boolean().default(true),
  }),
} as const;

export type SettingsSection = keyof typeof settingsSections;
export type SiteSettings = { [S in SettingsSection]: z.output<(typeof settingsSections)[S]> };
export type SettingsInput<S extends SettingsSection> = z.input<(typeof settingsSections)[S]>;

export const sectionNames = Object.keys(settingsSections) as SettingsSection[];

export const isSection = (name: string): name is SettingsSection => Object.hasOwn(settingsSections, name);

export function defaultSettings(): SiteSettings {
  const entries = sectionNames.map((name) => [name, settingsSections[name].parse({})]);
  return Object.fromEntries(entries) as SiteSettings;
}
