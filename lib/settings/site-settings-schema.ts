import { z } from "zod";
import type { BudgetName } from "@/lib/protocol";
import { trustSections } from "./trust-sections";

const threshold = (value: number) => z.number().min(0).max(1).default(value);

const moderationSection = z.strictObject({
  isOn: z.boolean().default(true),
  /** What happens to a text that a moderator could not check: closed sends nothing unchecked, open lets it pass. */
  onFailure: z.enum(["closed", "open"]).default("closed"),
  /** Milliseconds for the moderators beside the built-in rules; a classifier has them for each 8,000 characters of a text. */
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

const capSchema = z.number().int().min(1).max(2_000_000_000).nullable();

/** What the keys of one account may have at most; null: no end. */
const keyCaps = (given: Record<"maxKeys" | BudgetName, number | null>) =>
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
  ...trustSections,
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
