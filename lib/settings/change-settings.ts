import type { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import { isSection, type SettingsSection, type SiteSettings, settingsSections } from "./site-settings-schema";

/**
 * Puts a section in force on all servers, and keeps the one before it in the history. `input` is the whole section; what it
 * leaves out returns to its default. Errors: `invalid_request` with the field, `database_unavailable`.
 */
export async function changeSettings<S extends SettingsSection>(
  db: Database,
  actor: AuditActor,
  section: S,
  input: unknown,
): Promise<SiteSettings[S]> {
  if (!isSection(section)) {
    throw new AppError("invalid_request", {
      message: "There is no such section of settings.",
      param: "section",
    });
  }
  // The schema of a section that is not known by name would be one that fits them all.
  const schema = settingsSections[section] as z.ZodType<unknown>;
  const value = parseInput(schema, input) as SiteSettings[S];
  try {
    await db.$transaction(async (tx) => {
      await tx.siteSetting.create({
        data: { section, value: value as Prisma.InputJsonObject, changedBy: actor.label },
      });
      await recordAudit(tx, {
        ...{ actor, action: "settings.change", targetKind: "settings", targetId: section },
        details: { value: value as Prisma.InputJsonObject },
      });
    });
  } catch (error) {
    throw databaseError(error);
  }
  return value;
}
