import { z } from "zod";
import type { AuditActor } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { AdminSettingsSection } from "@/lib/protocol";
import {
  changeSettings,
  isSection,
  readSettings,
  type SettingsSection,
  sectionNames,
  settingsSections,
} from "@/lib/settings";

/** Every section in force, with the JSON Schema from which a form can be made. Errors: `database_unavailable`. */
export async function viewSettings(db: Database): Promise<AdminSettingsSection[]> {
  // A stored section that is not understood shows as its defaults; the servers log it.
  const settings = await readSettings(db, () => undefined);
  return sectionNames.map((name) => viewSection(name, settings[name]));
}

export function viewSection(name: SettingsSection, value: object): AdminSettingsSection {
  return {
    name,
    schema: z.toJSONSchema(settingsSections[name], { io: "input" }) as Record<string, unknown>,
    defaults: settingsSections[name].parse({}),
    value: { ...value },
  };
}

/** Errors: `not_found`. */
export function sectionOf(name: string): SettingsSection {
  if (isSection(name)) return name;
  throw new AppError("not_found", { message: `There is no section of settings named "${name}".` });
}

/**
 * Puts an earlier entry of the history in force again, as a change of its own; null: the defaults. Errors: `not_found` for an
 * entry that is not the section's, `invalid_request` where this version does not take it any more, `database_unavailable`.
 */
export async function revertSettings(
  db: Database,
  actor: AuditActor,
  section: SettingsSection,
  id: number | null,
): Promise<object> {
  if (id === null) return await changeSettings(db, actor, section, {});
  const row = await earlier(db, section, id);
  if (row === null) throw new AppError("not_found", { message: `There is no entry ${id} of "${section}".` });
  return await changeSettings(db, actor, section, row.value);
}

async function earlier(db: Database, section: SettingsSection, id: number) {
  try {
    return await db.siteSetting.findFirst({ where: { section, id } });
  } catch (error) {
    throw databaseError(error);
  }
}
