import { z } from "zod";

/** What stands behind an option on the command line. */

/** `a,b,c`; `all` or nothing: an empty list. */
export const listSchema = z.string().transform((text) =>
  text === "all"
    ? []
    : text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part.length > 0),
);

/** A whole number; `none`: no limit. Separators are allowed: 1_000_000. */
export const limitSchema = z.union([
  z.literal("none").transform(() => null),
  z
    .string()
    .regex(/^\d[\d_]*$/, "a whole number, or none")
    .transform((text) => Number(text.replaceAll("_", ""))),
]);

export const integerSchema = z
  .string()
  .regex(/^-?\d{1,7}$/, "a whole number")
  .transform(Number);

/** `7d`, `12h`, `90m`, `0`: milliseconds for which the old stays valid beside the new; at most 90 days, a week unless told otherwise. */
export const overlapSchema = z
  .string()
  .regex(/^(?:0|\d{1,5}[mhd])$/, "7d, 12h, 90m or 0")
  .transform((text) => Number.parseInt(text, 10) * (unitMs[text.at(-1) ?? ""] ?? 0))
  .refine((ms) => ms <= 90 * 86_400_000, "at most 90d")
  .default(7 * 86_400_000);

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30d`, `12h`, `90m` from now; a date or time in ISO 8601; `never`. */
export function expirySchema(now: Date) {
  return z.string().transform((text, context): Date | null => {
    if (text === "never") return null;
    const span = /^(\d{1,5})([mhd])$/.exec(text);
    const end =
      span === null
        ? new Date(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : Number.NaN)
        : new Date(now.getTime() + Number(span[1]) * (unitMs[span[2] ?? ""] ?? 0));
    if (Number.isNaN(end.getTime())) {
      context.addIssue({ code: "custom", message: "30d, 12h, 2027-01-31, or never" });
      return null;
    }
    if (end <= now) context.addIssue({ code: "custom", message: "that is in the past" });
    return end;
  });
}
