import { type Database, databaseError } from "@/lib/db";
import {
  defaultSettings,
  type SettingsSection,
  type SiteSettings,
  sectionNames,
  settingsSections,
} from "./site-settings-schema";

export type SettingsChange = { id: number; at: Date; changedBy: string; value: unknown };

/**
 * The settings in force: of each section the newest row, or the defaults. A stored section that this version does not
 * understand counts as its defaults and is told to `onFault`. Errors: `database_unavailable`.
 */
export async function readSettings(
  db: Database,
  onFault: (section: SettingsSection, message: string) => void,
): Promise<SiteSettings> {
  try {
    const rows = await db.siteSetting.findMany({
      where: { section: { in: sectionNames } },
      distinct: ["section"],
      orderBy: { id: "desc" },
    });
    const stored = new Map(rows.map(({ section, value }) => [section, value]));
    const settings: Record<string, unknown> = { ...defaultSettings() };
    for (const section of sectionNames) {
      const result = settingsSections[section].safeParse(stored.get(section) ?? {});
      if (result.success) settings[section] = result.data;
      else onFault(section, result.error.message);
    }
    return settings as SiteSettings;
  } catch (error) {
    throw databaseError(error);
  }
}

/** A section's history, newest first. Errors: `database_unavailable`. */
export async function settingsHistory(
  db: Database,
  section: SettingsSection,
  limit = 50,
): Promise<SettingsChange[]> {
  try {
    const rows = await db.siteSetting.findMany({ where: { section }, orderBy: { id: "desc" }, take: limit });
    return rows.map(({ id, createdAt, changedBy, value }) => ({ id, at: createdAt, changedBy, value }));
  } catch (error) {
    throw databaseError(error);
  }
}
