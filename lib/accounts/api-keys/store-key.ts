import { v7 as uuidv7 } from "uuid";
import type { Prisma } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { makeToken } from "../secret-token";
import { type ApiKeyView, toView } from "./key-record";
import { type CreateKeyInput, createKeySchema } from "./key-settings";
import { notifyKeyChange } from "./notify-key-change";

/** As `createKey`, in a transaction that does more than that. */
export async function storeKey(
  tx: Prisma.TransactionClient,
  input: CreateKeyInput,
): Promise<{ key: ApiKeyView; secret: string }> {
  const settings = parseInput(createKeySchema, input);
  const token = makeToken("sk-arena-");
  const row = await tx.apiKey.create({
    data: { ...settings, id: uuidv7(), prefix: token.prefix, hash: new Uint8Array(token.hash) },
  });
  await notifyKeyChange(tx, token.prefix);
  return { key: toView(row), secret: token.text };
}
