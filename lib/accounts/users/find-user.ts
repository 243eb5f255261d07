import { z } from "zod";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";

export type UserRow = NonNullable<Awaited<ReturnType<Prisma.TransactionClient["user"]["findUnique"]>>>;

/** By id or e-mail address. Errors: `not_found`. */
export async function findUser(tx: Prisma.TransactionClient, reference: string): Promise<UserRow> {
  const isId = z.uuid().safeParse(reference).success;
  const where = isId ? { id: reference } : { email: reference.trim().toLowerCase() };
  const row = await tx.user.findUnique({ where });
  if (row !== null) return row;
  throw new AppError("not_found", { message: `There is no account with the id or address "${reference}".` });
}
