import { z } from "zod";

const capSchema = z.number().int().min(1).max(2_000_000_000).nullable();

/** What the keys of one account may have at most; null: no end. */
const keyCaps = (given: Record<"maxKeys" | (typeof capNames)[number], number | null>) =>
  z
    .strictObject({
      maxKeys: z.number().int().min(0).max(1_000).nullable().default(given.maxKeys),
      requestsPerMinute: capSchema.default(given.requestsPerMinute),
      tokensPerMinute: capSchema.default(given.tokensPerMinute),
      requestsPerDay: capSchema.default(given.requestsPerDay),
      tokensPerDay: capSchema.default(given.tokensPerDay),
      maxConcurrent: capSchema.default(given.maxConcurrent),
    })
    .prefault({});

/** The budgets that a key may have, in the order in which they are shown. */
export const capNames = [
  "requestsPerMinute",
  "tokensPerMinute",
  "requestsPerDay",
  "tokensPerDay",
  "maxConcurrent",
] as const;

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
  accounts: z.strictObject({
    /** Who may make an account: anybody, whoever has an invitation, or nobody. */
    signUp: z.enum(["open", "invitation", "closed"]).default("open"),
    /** For each role, what the API keys that people make for themselves may have. */
    keys: z
      .strictObject({
        user: keyCaps({
          maxKeys: 5,
          requestsPerMinute: 60,
          tokensPerMinute: 100_000,
          requestsPerDay: 2_000,
          tokensPerDay: 2_000_000,
          maxConcurrent: 4,
        }),
        researcher: keyCaps({
          maxKeys: 20,
          requestsPerMinute: 600,
          tokensPerMinute: 1_000_000,
          requestsPerDay: 50_000,
          tokensPerDay: 50_000_000,
          maxConcurrent: 32,
        }),
        moderator: keyCaps({
          maxKeys: 20,
          requestsPerMinute: 600,
          tokensPerMinute: 1_000_000,
          requestsPerDay: 50_000,
          tokensPerDay: 50_000_000,
          maxConcurrent: 32,
        }),
        admin: keyCaps({
          maxKeys: null,
          requestsPerMinute: null,
          tokensPerMinute: null,
          requestsPerDay: null,
          tokensPerDay: null,
          maxConcurrent: null,
        }),
      })
      .prefault({}),
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
