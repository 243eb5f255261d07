import { z } from "zod";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { KeyRow } from "./key-record";

/** By id or shown prefix. Errors: `not_found`. */
export async function findKey(tx: Prisma.TransactionClient, reference: string): Promise<KeyRow> {
  const where = z.uuid().safeParse(reference).success ? { id: reference } : { prefix: reference };
  const row = await tx.apiKey.findUnique({ where });
  if (row !== null) return row;
  throw new AppError("not_found", { message: `There is no API key with the id or prefix "${reference}".` });
}
