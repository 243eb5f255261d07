import type { Prisma } from "@/lib/db";

/**
 * The same, as JSONB can hold it: without NUL and without half a pair of surrogates, both of which a text that was cut or came
 * from outside may have. One such character would refuse the whole transaction that it is in.
 */
export function storableJson(value: Prisma.InputJsonObject): Prisma.InputJsonObject {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "string" ? part.replaceAll("\0", "").toWellFormed() : part,
    ),
  ) as Prisma.InputJsonObject;
}
