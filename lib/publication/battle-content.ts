import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { ModelView, SharedBattle, Side } from "@/lib/protocol";

const modelSelect = { name: true, displayName: true, organization: true, licence: true } as const;

/** Everything of a battle that may be published after its vote; replaced turns and former attempts are not part of it. */
export const publishedBattleSelect = {
  id: true,
  kind: true,
  createdAt: true,
  textDeletedAt: true,
  textAdmittedAt: true,
  textBarredAt: true,
  modelA: { select: modelSelect },
  modelB: { select: modelSelect },
  vote: { select: { outcome: true, createdAt: true } },
  turns: {
    where: { supersededAt: null },
    orderBy: { ordinal: "asc" },
    select: {
      prompt: true,
      _count: { select: { images: true } },
      responses: {
        orderBy: { attempt: "desc" },
        select: { side: true, status: true, text: true, finishReason: true, hiddenAt: true },
      },
    },
  },
} as const satisfies Prisma.BattleSelect;

export type PublishedBattleRow = Prisma.BattleGetPayload<{ select: typeof publishedBattleSelect }>;

/** Battles of which anybody may read the text, where its visitor has agreed; the releases of lib/votes ask the same. */
export const publicWhere = {
  textDeletedAt: null,
  textAdmittedAt: { not: null },
  textBarredAt: null,
  vote: { isNot: null },
  turns: { none: { responses: { some: { hiddenAt: { not: null } } } } },
} as const satisfies Prisma.BattleWhereInput;

/** Why a moderator or operator keeps the text from being published; null: none does. */
export function stoppedBy(row: Pick<PublishedBattleRow, "turns" | "textBarredAt">): string | null {
  if (row.textBarredAt !== null) return "An operator has taken this battle out of publication.";
  const isHidden = row.turns.some(({ responses }) => responses.some(({ hiddenAt }) => hiddenAt !== null));
  return isHidden ? "A moderator has hidden an answer of this battle." : null;
}

/**
 * Errors: `vote_not_open` before the vote; `publication_refused` where the text was removed, where a moderator has hidden an answer,
 * and where an operator took it out of publication.
 */
export function toSharedBattle(row: PublishedBattleRow): SharedBattle {
  requireText(row);
  if (row.vote === null) throw new AppError("vote_not_open");
  const message = stoppedBy(row);
  if (message !== null) throw new AppError("publication_refused", { message });
  return {
    kind: "battle",
    board: row.kind,
    createdAt: row.createdAt.toISOString(),
    vote: { outcome: row.vote.outcome, createdAt: row.vote.createdAt.toISOString() },
    models: { a: toModel(row.modelA), b: toModel(row.modelB) },
    turns: row.turns.map((turn) => ({
      prompt: turn.prompt,
      images: turn._count.images,
      a: answerOf(turn, "a"),
      b: answerOf(turn, "b"),
    })),
  };
}

/** Errors: `vote_not_open` before the vote, `publication_refused` where the text was removed. */
export function requireText(row: Pick<PublishedBattleRow, "vote" | "textDeletedAt">): void {
  if (row.vote === null) throw new AppError("vote_not_open");
  if (row.textDeletedAt !== null) {
    throw new AppError("publication_refused", { message: "The text of this battle was removed." });
  }
}

const toModel = ({ name, displayName, organization, licence }: ModelView): ModelView => ({
  ...{ name, displayName, organization, licence },
});

/** The newest attempt is the one that was shown and voted on. */
function answerOf({ responses }: PublishedBattleRow["turns"][number], side: Side) {
  const shown = responses.find((response) => response.side === side);
  return {
    text: shown?.text ?? "",
    isTruncated: shown?.finishReason === "length",
    isStopped: shown?.status === "stopped",
  };
}
