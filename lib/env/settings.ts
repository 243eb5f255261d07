import type { z } from "zod";
import { meanings } from "./meanings";

/** One setting, as the README's table shows it. */
export type Setting = {
  name: string;
  /** The programs that read it. */
  readBy: string[];
  /** Its default in words; "none" where it may be absent. */
  byDefault: string;
  meaning: string;
};

type Schemas = Readonly<Record<string, z.ZodObject>>;

/** Every setting of the schemas, in their order. Throws for one without a meaning. */
export function settingsOf(schemas: Schemas): Setting[] {
  const settings = new Map<string, Setting>();
  for (const [program, { shape }] of Object.entries(schemas)) {
    for (const [name, schema] of Object.entries(shape)) {
      if (foreign.has(name)) continue;
      const known = settings.get(name);
      if (known !== undefined) {
        known.readBy.push(program);
        continue;
      }
      const described = meanings[name];
      if (described === undefined) throw new Error(`${name} has no meaning in lib/env/meanings.ts.`);
      const byDefault = described.unset ?? defaultOf(schema);
      settings.set(name, { name, readBy: [program], byDefault, meaning: described.meaning });
    }
  }
  return [...settings.values()];
}

/** Set by others; nobody sets it for this site. */
const foreign = new Set(["CI"]);

function defaultOf(schema: z.core.$ZodType): string {
  const result = (schema as z.ZodType).safeParse(undefined);
  const value: unknown = result.success ? result.data : undefined;
  if (value === undefined) return result.success ? "none" : "must be set";
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((part) => `\`${part}\``).join(", ");
  if (typeof value === "boolean") return value ? "`1`" : "`0`";
  return `\`${value}\``;
}

/**
 * Why a variable that begins with ARENA_ is refused: a name that nothing reads is a slip of the pen, and its setting would
 * silently not hold. Null for a name that is known, or is not ours.
 */
export function faultOfUnknown(name: string, known: readonly string[]): string | null {
  if (!name.startsWith("ARENA_") || known.includes(name)) return null;
  const [nearest] = [...known]
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .sort((a, b) => a.steps - b.steps);
  const isNear = nearest !== undefined && nearest.steps <= Math.max(2, Math.floor(name.length / 4));
  return `${name}: there is no such setting${isNear ? `; ${nearest.candidate} is near` : ""}`;
}

/** Characters to insert, remove or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
