import { v7 as uuidv7 } from "uuid";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { makeToken } from "../secret-token";
import {
  type CreateJoinTokenInput,
  createJoinTokenSchema,
  type JoinTokenView,
  toView,
} from "./join-token-record";

/**
 * Makes a token beside those that are valid already, which is how one is rotated: make the new one, restart the workers
 * with it one by one, revoke the old one. `secret` cannot be shown again. Errors: `invalid_request`.
 */
export async function createJoinToken(
  db: Database,
  input: CreateJoinTokenInput,
): Promise<{ token: JoinTokenView; secret: string }> {
  const settings = parseInput(createJoinTokenSchema, input);
  const { text, prefix, hash } = makeToken("jt-arena-");
  const row = await db.joinToken.create({
    data: { ...settings, id: uuidv7(), prefix, hash: new Uint8Array(hash) },
  });
  return { token: toView(row), secret: text };
}
