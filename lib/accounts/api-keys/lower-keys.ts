import type { Prisma } from "@/lib/db";
import { type BudgetName, budgetNames } from "@/lib/protocol";
import { hasRole, type SessionUser } from "../sessions/session-types";
import { notifyKeyChange } from "./notify-key-change";

export type KeyCaps = Record<BudgetName | "maxKeys", number | null>;

/** The smaller one; null has no end. */
export const lower = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** Whose role is no longer what it was keeps the keys that it has made, with no more than the role allows now. */
export async function lowerKeys(
  tx: Prisma.TransactionClient,
  user: Pick<SessionUser, "id" | "role">,
  caps: KeyCaps,
): Promise<void> {
  const keys = await tx.apiKey.findMany({ where: { ownerId: user.id, revokedAt: null } });
  for (const key of keys) {
    const budgets = Object.fromEntries(budgetNames.map((name) => [name, lower(key[name], caps[name])]));
    const allowExperimental = key.allowExperimental && hasRole(user, "researcher");
    await tx.apiKey.update({ where: { id: key.id }, data: { ...budgets, allowExperimental } });
    await notifyKeyChange(tx, key.prefix);
  }
}
