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

/** Errors: `vote_not_open` before the vote, `publication_refused` where the text was removed or a moderator has hidden an answer. */
export function toSharedBattle(row: PublishedBattleRow): SharedBattle {
  if (row.vote === null) throw new AppError("vote_not_open");
  if (row.turns.some(({ responses }) => responses.some(({ hiddenAt }) => hiddenAt !== null))) {
    throw new AppError("publication_refused", {
      message: "A moderator has hidden an answer of this battle.",
    });
  }
  if (row.textDeletedAt !== null) {
    throw new AppError("publication_refused", { message: "The text of this battle was removed." });
  }
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
