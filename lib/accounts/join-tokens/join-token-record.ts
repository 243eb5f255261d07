import { z } from "zod";
import type { Database, Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { poolNameSchema } from "@/lib/protocol";
import { labelSchema } from "../api-keys/key-settings";
import { namePatternSchema } from "../name-pattern";

export type JoinTokenRow = Awaited<ReturnType<Database["joinToken"]["findUniqueOrThrow"]>>;

/** A token as its administrators see it: nothing with which a worker could register. */
export type JoinTokenView = Omit<JoinTokenRow, "hash">;

export function toView({ hash: _, ...view }: JoinTokenRow): JoinTokenView {
  return view;
}

export const createJoinTokenSchema = z.object({
  name: labelSchema,
  /** Patterns of the model names that may be offered with it. Empty: all. */
  models: z.array(namePatternSchema).max(256).default([]),
  /** Where the workers go that register with it; null: where they ask to go. */
  pool: poolNameSchema.nullable().default(null),
  expiresAt: z.date().nullable().default(null),
});
export type CreateJoinTokenInput = z.input<typeof createJoinTokenSchema>;

/** By id or shown prefix. Errors: `not_found`. */
export async function findJoinToken(tx: Prisma.TransactionClient, reference: string): Promise<JoinTokenRow> {
  const where = z.uuid().safeParse(reference).success ? { id: reference } : { prefix: reference };
  const row = await tx.joinToken.findUnique({ where });
  if (row !== null) return row;
  throw new AppError("not_found", {
    message: `There is no join token with the id or prefix "${reference}".`,
  });
}
