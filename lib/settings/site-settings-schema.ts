import { z } from "zod";

const threshold = (value: number) => z.number().min(0).max(1).default(value);

const moderationSection = z.strictObject({
  isOn: z.boolean().default(true),
  /** What happens to a text that a moderator could not check: closed sends nothing unchecked, open lets it pass. */
  onFailure: z.enum(["closed", "open"]).default("closed"),
  /** Milliseconds for the moderators beside the built-in rules. */
  timeoutMs: z.number().int().min(100).max(30_000).default(3_000),
  /** Ask the endpoint of ARENA_MODERATION_URL, where one is set. */
  usesEndpoint: z.boolean().default(true),
  /** Name of a served model that is asked too; null: none. */
  classifierModel: z.string().min(1).max(128).nullable().default(null),
  /** Scores in [0, 1] from which on a prompt is refused, an answer flagged, a text not published. */
  thresholds: z
    .strictObject({
      battlePrompt: threshold(0.8),
      chatPrompt: threshold(0.8),
      answer: threshold(0.8),
      publication: threshold(0.5),
    })
    .prefault({}),
});

/**
 * What an operator changes while the site runs, by section; a section is changed as a whole. Every field has a default, so
 * that a stored section of an older version stays valid. What must be known before the database is there, or differs
 * between servers, is in the environment instead (lib/env).
 */
export const settingsSections = {
  /** What texts are checked for before a model sees them, and what answers are flagged for. */
  moderation: moderationSection,
  /** How fast an answer of a battle is shown, so that speed does not give a model away. */
  pacing: z.strictObject({
    /** Characters a second for both sides; null: as they come. */
    charsPerSecond: z.number().int().min(20).max(2_000).nullable().default(null),
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
